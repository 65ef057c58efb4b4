#include "client_link_fixture.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>

// Clients that brokers send to another server [v5: 4.11].

namespace actorbus::test {

using protocol::reason_code;

namespace {

/// Three gateways, of which the client knows the first; the others are where brokers may send it.
struct redirected_client : link_fixture {
  redirected_client() {
    add_gateway();
    add_gateway();
    options.redirects_max = 3;
    redirect = [this](const caf::actor& from,
                      const std::string& reference) -> protocol::expected<caf::actor, std::string> {
      asked += name_of(from) + " to " + reference + "; ";
      for (std::size_t i = 0; i < gateways.size(); ++i)
        if (name_of(gateways[i]->self) == reference)
          return gateways[i]->self;
      return protocol::unexpected<std::string>{"nobody knows " + reference};
    };
  }

  std::string name_of(const caf::actor& which) const {
    for (std::size_t i = 0; i < gateways.size(); ++i)
      if (gateways[i]->self == which)
        return "server " + std::to_string(i);
    return "?";
  }

  void connect_to_first() {
    client_setup setup{{gateway().self}, subject->timekeeper(), options, events};
    setup.redirect = redirect;
    actor = world.system().spawn<client_actor>(std::move(setup));
    ask(connect_request{[this](const outcome& result) { connected = result; }});
  }

  std::string asked;
  std::optional<outcome> connected;
};

} // namespace

TEST_CASE_METHOD(redirected_client, "a client that is sent to another server goes there at once", "[client]") {
  const auto code = GENERATE("9c", "9d");
  gateway().connack = conformance::notation("20 [ 00 {} [ 1c s'server 1' ] ]", std::string{code});
  connect_to_first();
  REQUIRE(connected);
  CHECK(*connected);
  CHECK(heard() == "connected; ");
  CHECK(asked == "server 0 to server 1; ");
}

TEST_CASE_METHOD(redirected_client, "what a server says after it has sent its client away is not the other one's word",
                 "[client]") {
  gateway().connack = "20 [ 00 9c [ 1c s'server 1' ] ]";
  connect_to_first();
  post(actor, close_channel{reason_code::use_another_server, {}, gateway().attempts.back()}, nullptr);
  world.run();
  CHECK(heard() == "connected; ");
}

TEST_CASE_METHOD(redirected_client, "a client comes back to whom it knows, unless that one has moved", "[client]") {
  const auto moved = GENERATE(false, true);
  gateway().connack =
      conformance::notation("20 [ 00 {} [ 1c s'server 1' ] ]", static_cast<std::uint8_t>(moved ? 0x9d : 0x9c));
  connect_to_first();
  gateway().connack = "20 03 00 00 00";
  gateway(1).cut();
  world.run();
  CHECK(heard() == "connected; disconnected cut; attempt 1 in 100; ");
  advance(100);
  CHECK(heard() == "connected; ");
  CHECK(gateway(0).opened == (moved ? 1 : 2));
  CHECK(gateway(1).opened == (moved ? 2 : 1));
}

TEST_CASE_METHOD(redirected_client, "a client takes along what waits when it is sent away while it is connected",
                 "[client]") {
  connect_to_first();
  ask(publish_request{{"t", "x", qos1}, note("publish")});
  gateway().send("e0 [ 9c [ 1c s'server 2' ] ]");
  world.run();
  CHECK(heard() == "connected; disconnected use another server; connected; ");
  CHECK(gateway(2).taken() == "PUBLISH t 'x' q1 #2");
  gateway(2).send("40 02 0002");
  world.run();
  CHECK(noted() == "publish done; ");
}

TEST_CASE_METHOD(redirected_client, "servers that send a client in circles are left after so many", "[client]") {
  gateway(0).connack = "20 [ 00 9c [ 1c s'server 1' ] ]";
  gateway(1).connack = "20 [ 00 9c [ 1c s'server 0' ] ]";
  SECTION("to come back later") {
    connect_to_first();
    CHECK(gateway(0).opened + gateway(1).opened == 4);
    CHECK(heard() == "attempt 1 in 100; ");
    advance(100);
    CHECK(gateway(0).opened + gateway(1).opened == 8);
  }
  SECTION("for good") {
    options.reconnect.reset();
    connect_to_first();
    REQUIRE(connected);
    CHECK(connected->code == reason_code::use_another_server);
    CHECK(connected->text == "use another server; sent on too often");
    CHECK(heard() == "ended use another server; sent on too often; ");
  }
}

TEST_CASE_METHOD(redirected_client, "a client that isn't to follow tells where it was sent", "[client]") {
  options.reconnect.reset();
  gateway().connack = "20 [ 00 9d [ 1c s'server 7' ] ]";
  SECTION("as by default") {
    options.redirects_max = client_options{}.redirects_max;
    connect_to_first();
    CHECK(asked == "");
    CHECK(connected->text == "server moved");
  }
  SECTION("as that can't be used") {
    connect_to_first();
    CHECK(connected->text == "server moved; not followed: nobody knows server 7");
  }
  CHECK(connected->server_reference == "server 7");
  CHECK(gateway().opened == 1);
}

} // namespace actorbus::test
