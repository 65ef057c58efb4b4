#include "client_link_fixture.hpp"

#include <catch2/catch.hpp>

// A client's connections one after the other, on virtual time.

namespace actorbus::test {

using protocol::qos;
using protocol::reason_code;

TEST_CASE_METHOD(link_fixture, "a client waits longer from one attempt to the next, and begins anew after a connection",
                 "[client]") {
  gateway().answers_connect = false;
  options.connect_timeout = std::chrono::milliseconds{50};
  connect();
  advance(50);
  CHECK(heard() == "attempt 1 in 100; ");
  advance(99);
  CHECK(gateway().opened == 1);
  advance(1);
  CHECK(gateway().opened == 2);
  advance(50);
  CHECK(heard() == "attempt 2 in 200; ");
  advance(200);
  advance(50);
  advance(400);
  advance(50);
  advance(800);
  advance(50);
  CHECK(heard() == "attempt 3 in 400; attempt 4 in 800; attempt 5 in 1000; ");
  gateway().answers_connect = true;
  CHECK(noted() == "");
  advance(1'000);
  CHECK(heard() == "connected; ");
  CHECK(noted() == "connect done; ");
  gateway().cut();
  world.run();
  CHECK(heard() == "disconnected cut; attempt 1 in 100; ");
  advance(100);
  CHECK(heard() == "connected; ");
}

TEST_CASE("delays are shortened by chance, within the bounds, the same for the same seed", "[client]") {
  const reconnect_policy policy{.delay_min = std::chrono::milliseconds{1'000},
                                .delay_max = std::chrono::milliseconds{8'000},
                                .growth = 2,
                                .jitter = 0.5};
  back_off one{policy, 1};
  back_off same{policy, 1};
  back_off other{policy, 2};
  auto differs = false;
  for (int i = 0; i < 20; ++i) {
    const auto longest = std::min(1'000 << std::min(i, 10), 8'000);
    const auto delay = one.next().count();
    CHECK(delay <= longest);
    CHECK(delay >= longest / 2);
    CHECK(same.next().count() == delay);
    differs |= other.next().count() != delay;
  }
  CHECK(differs);
}

TEST_CASE_METHOD(link_fixture, "a link cut in front of any packet loses no outcome", "[client]") {
  gateway().cut_before =
      GENERATE(as<std::string>{}, "SUBSCRIBE", "PUBLISH t 'zero'", "PUBLISH t 'one'", "PUBLISH t 'two'", "PUBREL");
  CAPTURE(gateway().cut_before);
  options.session_expiry_seconds = 60;
  connect();
  CHECK(noted() == "connect done; ");
  gateway().connack = "20 03 01 00 00";
  ask(subscribe_filters{{{"s"}}, {}, note("subscribe")});
  ask(publish_request{{"t", "zero"}, note("zero")});
  ask(publish_request{{"t", "one", qos::at_least_once}, note("one")});
  ask(publish_request{{"t", "two", qos::exactly_once}, note("two")});
  advance(1'000);
  gateway().send("90 [ 0001 00 02 ] 40 02 0002 50 02 0003");
  world.run();
  advance(1'000);
  gateway().send("70 02 0003");
  world.run();
  const auto all = noted();
  for (const auto* each : {"subscribe done; ", "zero done; ", "one done; ", "two done; "}) {
    CAPTURE(all, each);
    const auto first = all.find(each);
    REQUIRE(first != std::string::npos);
    CHECK(all.find(each, first + 1) == std::string::npos);
  }
  CHECK(gateway().opened == 2);
}

TEST_CASE_METHOD(link_fixture, "what an earlier link still sends is not taken for the present one's", "[client]") {
  connect();
  const auto earlier = gateway().attempts.back();
  gateway().cut();
  world.run();
  advance(100);
  CHECK(heard() == "connected; disconnected cut; attempt 1 in 100; connected; ");
  ask(subscribe_filters{{{"s"}}, {}, note("subscribe")});
  gateway().send("90 [ 0001 00 87 ]", earlier);
  post(gateway().client, session_opened{gateway().self, protocol::protocol_version::v5, 1, earlier}, nullptr);
  world.run();
  CHECK(noted() == "connect done; ");
  CHECK(gateway().closed == 1);
  gateway().send("90 [ 0001 00 02 ]");
  world.run();
  CHECK(noted() == "subscribe done; ");
}

TEST_CASE_METHOD(link_fixture, "a client that may not come back ends with the reason", "[client]") {
  SECTION("refused for good") {
    gateway().connack = "20 03 00 87 00";
    connect();
    CHECK(noted() == "connect not authorized; ");
    CHECK(heard() == "ended not authorized; ");
  }
  SECTION("taken over") {
    connect();
    heard();
    gateway().send("e0 02 8e 00");
    world.run();
    CHECK(heard() == "disconnected session taken over; ended session taken over; ");
  }
  SECTION("refused for now") {
    gateway().connack = "20 03 00 89 00";
    connect();
    CHECK(heard() == "attempt 1 in 100; ");
    CHECK(noted() == "");
  }
}

TEST_CASE_METHOD(link_fixture, "a client gives up after as many attempts as it may make", "[client]") {
  options.reconnect->attempts_max = 2;
  gateway().connack = "20 03 00 88 00";
  connect();
  ask(publish_request{{"t", "x"}, note("publish")});
  advance(100);
  advance(200);
  CHECK(heard() == "attempt 1 in 100; attempt 2 in 200; ended server unavailable; ");
  CHECK(gateway().opened == 3);
  CHECK(noted() == "publish server unavailable; connect server unavailable; ");
}

TEST_CASE_METHOD(link_fixture, "several gateways are tried in turn before it waits", "[client]") {
  add_gateway();
  add_gateway();
  gateway(0).connack = "20 03 00 89 00";
  gateway(1).connack = "20 03 00 89 00";
  connect();
  CHECK(heard() == "connected; ");
  CHECK(gateway(2).opened == 1);
  gateway(2).connack = "20 03 00 89 00";
  gateway(2).cut();
  world.run();
  advance(100);
  CHECK(gateway(0).opened == 2);
  CHECK(gateway(1).opened == 2);
  CHECK(gateway(2).opened == 2);
  CHECK(heard() == "disconnected cut; attempt 1 in 100; attempt 2 in 200; ");
}

TEST_CASE_METHOD(link_fixture, "a gateway that has ended is forgotten, the last one ends the client", "[client]") {
  add_gateway();
  caf::anon_send_exit(gateway(0).self, caf::exit_reason::user_shutdown);
  auto gone = gateway(0).self;
  world.run();
  gateways[0]->self = gone;
  connect();
  CHECK(heard() == "connected; ");
  caf::anon_send_exit(gateway(1).self, caf::exit_reason::user_shutdown);
  world.run();
  advance(1'000);
  CHECK(heard() == "disconnected the session is gone; attempt 1 in 100; ended whom to connect to is gone; ");
  gateways[0]->self = {};
}

TEST_CASE_METHOD(link_fixture, "a client without a policy tries each gateway once", "[client]") {
  options.reconnect.reset();
  add_gateway();
  gateway(0).connack = "20 03 00 89 00";
  gateway(1).connack = "20 03 00 88 00";
  connect();
  CHECK(noted() == "connect server unavailable; ");
  CHECK(heard() == "ended server unavailable; ");
}

TEST_CASE_METHOD(link_fixture, "a client leaves when what was asked before is answered", "[client]") {
  connect();
  ask(publish_request{{"t", "x", qos::at_least_once}, note("publish")});
  ask(disconnect_request{reason_code::success, {}, note("disconnect")});
  ask(publish_request{{"t", "late"}, note("late")});
  CHECK(noted() == "connect done; late not connected; ");
  gateway().send("40 02 0001");
  world.run();
  CHECK(noted() == "publish done; disconnect done; ");
  CHECK(gateway().taken() == "PUBLISH t 'x' q1 #1; DISCONNECT 00");
  CHECK(heard() == "connected; ended disconnected; ");
}

TEST_CASE_METHOD(link_fixture, "a client leaves at once while it has no connection", "[client]") {
  connect();
  gateway().cut();
  world.run();
  ask(publish_request{{"t", "x"}, note("publish")});
  noted();
  ask(disconnect_request{reason_code::success, {}, note("disconnect")});
  CHECK(noted() == "publish disconnected; disconnect disconnected, and left behind what was not answered; ");
}

} // namespace actorbus::test
