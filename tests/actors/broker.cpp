#include "bus_fixture.hpp"

#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

// The broker and its sessions as a client of the memory channel meets them.

namespace actorbus::test {

using protocol::reason_code;
using std::chrono::seconds;

namespace {

struct limited_to_two : bus_fixture {
  limited_to_two() : bus_fixture{{.sessions_max = 2}} {}
};

} // namespace

TEST_CASE_METHOD(bus_fixture, "a second connection takes the session over [v5:MQTT-3.1.4-3] [v5:MQTT-3.2.2-3]",
                 "[broker]") {
  auto a = client();
  auto b = client();
  CHECK(a->send(connect_text("me", true, 60)) == "CONNACK 00");
  a->send("82 [ 0001 00 s't' 01 ]");
  CHECK(b->send(connect_text("me", false, 60)) == "CONNACK 00 present");
  CHECK(a->received() == "DISCONNECT 8e");
  CHECK(a->closed());
  CHECK(b->send("30 [ s't' 00 'x' ]") == "PUBLISH t 'x'");
  CHECK(counters().clients_connected == 1);
}

TEST_CASE_METHOD(bus_fixture, "a clean start ends the session that was [v5:MQTT-3.1.2-4] [v5:MQTT-3.2.2-2]",
                 "[broker]") {
  auto a = client();
  auto b = client();
  a->send(connect_text("me", true, 60));
  a->send("82 [ 0001 00 s't' 01 ]");
  CHECK(b->send(connect_text("me", true, 60)) == "CONNACK 00");
  CHECK(a->received() == "DISCONNECT 8e");
  CHECK(b->send("32 [ s't' 0001 00 'x' ]") == "PUBACK #1 10");
  CHECK(counters().clients_total == 1);
  CHECK(counters().subscriptions == 0);
}

TEST_CASE_METHOD(bus_fixture, "a session without an expiry interval ends with its connection (3.1.2.11.2)",
                 "[broker]") {
  auto a = client();
  a->send(connect_text("me"));
  a->close();
  CHECK(counters().clients_total == 0);
  auto b = client();
  CHECK(b->send(connect_text("me", false)) == "CONNACK 00");
}

TEST_CASE_METHOD(bus_fixture, "a session ends when its expiry interval has passed, not before [v5:MQTT-3.1.2-23]",
                 "[broker]") {
  const auto waited = GENERATE(59'999, 60'000);
  auto a = client();
  a->send(connect_text("me", true, 60));
  a->close();
  world.advance(std::chrono::milliseconds{waited});
  auto b = client();
  CHECK(b->send(connect_text("me", false, 60)) == (waited < 60'000 ? "CONNACK 00 present" : "CONNACK 00"));
}

TEST_CASE_METHOD(bus_fixture, "frames of a connection that was taken over are ignored", "[broker]") {
  auto listener = client();
  listener->send(connect_text("listener"));
  listener->send("82 [ 0001 00 s't' 00 ]");
  auto a = client();
  a->send(connect_text("me", true, 60));
  auto b = client();
  b->post_packets(connect_text("me", false, 60));
  auto before = a->session();
  world.run();
  post(before, make_frame(conformance::bytes("30 [ s't' 00 'late' ]"), 1), nullptr);
  CHECK(listener->received() == "");
  CHECK(b->received() == "CONNACK 00 present");
}

// The answer to a SUBSCRIBE used to go to whoever had the session when it came.
TEST_CASE_METHOD(bus_fixture, "who takes a session over is not told the answers of the connection before", "[broker]") {
  auto a = client();
  a->send(connect_text("me", true, 60));
  auto b = client();
  b->post_packets(connect_text("me", false, 60));
  a->post_packets("82 [ 0007 00 s't' 01 ]");
  CHECK(b->received() == "CONNACK 00 present");
  CHECK(b->send("30 [ s't' 00 'x' ]") == "PUBLISH t 'x'");
  CHECK(b->send("82 [ 0001 00 s'u' 01 ] c0 00") == "SUBACK #1 01; PINGRESP");
}

// Two that came while the session ended used to be sent to and fro between it and the broker for ever.
TEST_CASE_METHOD(bus_fixture, "connections that come while the session ends get a new one", "[broker]") {
  auto a = client();
  a->send(connect_text("me", true, 60));
  a->post_packets("e0 [ 00 [ 11 00000000 ] ]");
  std::vector<std::unique_ptr<memory_client>> next;
  for (int i = 0; i < 3; ++i) {
    next.push_back(client());
    next.back()->post_packets(connect_text("me", false, 60));
  }
  auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(world.system().scheduler());
  auto steps = 0;
  while (steps < 10'000 && scheduler.try_run_once())
    ++steps;
  REQUIRE(steps < 10'000);
  auto alive = 0;
  for (auto& each : next)
    alive += each->closed() ? 0 : 1;
  CHECK(alive == 1);
  CHECK(counters().clients_total == 1);
  CHECK(counters().clients_connected == 1);
}

TEST_CASE_METHOD(limited_to_two, "no more sessions begin than the limit allows", "[broker]") {
  auto a = client();
  auto b = client();
  auto c = client();
  a->send(connect_text("a", true, 60));
  CHECK(b->send(connect_text("b")) == "CONNACK 00");
  CHECK(c->send(connect_text("c")) == "CONNACK 97");
  CHECK(c->closed());
  CHECK(counters().connections_refused == 1);
  SECTION("a session that resumes is none of them") {
    auto again = client();
    CHECK(again->send(connect_text("a", false, 60)) == "CONNACK 00 present");
  }
  SECTION("a session that ends makes room") {
    b->close();
    auto d = client();
    CHECK(d->send(connect_text("d")) == "CONNACK 00");
  }
}

TEST_CASE_METHOD(bus_fixture, "who comes through a listener with limits of its own has those, and the bus's elsewhere",
                 "[broker]") {
  auto own = std::make_shared<limits>();
  own->subscriptions_per_session_max = 1;
  own->publish_per_second_max = 1;
  own->publish_burst_max = 1;
  own->client_id_bytes_max = 23;
  auto policy = std::make_shared<listener_policy>();
  policy->own_limits = own;
  const auto two_filters = "82 [ 0001 00 s'a' 01 s'b' 01 ]";
  const auto two_messages = "30 [ s'x' 00 ] 30 [ s'x' 00 ] c0 00";
  auto a = client();
  a->policy = policy;
  auto b = client();
  CHECK(a->send(connect_text("a", true, 60)) == "CONNACK 00");
  CHECK(b->send(connect_text("b", true, 60)) == "CONNACK 00");
  CHECK(a->send(two_filters) == "SUBACK #1 01 97");
  CHECK(b->send(two_filters) == "SUBACK #1 01 01");
  CHECK(b->send(two_messages) == "PINGRESP");
  CHECK(a->send(two_messages) == "DISCONNECT 96");
  auto again = client();
  CHECK(again->send(connect_text("a", false, 60)) == "CONNACK 00 present");
  CHECK(again->send(two_filters) == "SUBACK #1 01 01");
  CHECK(again->send(two_messages) == "PINGRESP");
  auto long_name = client();
  long_name->policy = policy;
  CHECK(long_name->send(connect_text(std::string(24, 'n'))) == "CONNACK 85");
}

TEST_CASE("a seed gives the same client identifiers again, and each only once [v5:MQTT-3.2.2-16]", "[broker]") {
  auto run = [] {
    bus_fixture world;
    std::vector<std::string> answers;
    std::vector<std::unique_ptr<memory_client>> clients;
    for (int i = 0; i < 10; ++i) {
      clients.push_back(world.client());
      clients.back()->post_packets(connect_text(""));
      answers.push_back(conformance::to_hex(clients.back()->received_bytes()));
    }
    return answers;
  };
  auto first = run();
  CHECK(first == run());
  std::sort(first.begin(), first.end());
  CHECK(std::unique(first.begin(), first.end()) == first.end());
}

TEST_CASE_METHOD(bus_fixture, "a bus that ends says so to every client, and leaves no actor", "[broker]") {
  auto a = client();
  auto b = client();
  a->send(connect_text("a", true, 60, "00 s't' s'gone'"));
  b->send(connect_text("b"));
  b->send("82 [ 0001 00 s't' 00 ]");
  subject.reset();
  CHECK(a->received() == "DISCONNECT 8b");
  CHECK(b->received() == "DISCONNECT 8b");
  CHECK(a->close_reason() == reason_code::server_shutting_down);
  CHECK(world.system().registry().running() == 0);
}

TEST_CASE_METHOD(bus_fixture, "a channel whose actor dies is a lost connection: its will is sent [v5:MQTT-3.1.2-8]",
                 "[broker]") {
  const auto reason = GENERATE(caf::exit_reason::kill, caf::exit_reason::unknown, caf::exit_reason::user_shutdown);
  auto watcher = client();
  watcher->send(connect_text("watcher"));
  watcher->send("82 [ 0001 00 s'w' 00 ]");
  auto victim = client();
  victim->send(connect_text("victim", true, 0, "00 s'w' s'gone'"));
  victim->kill(reason);
  CHECK(watcher->received() == "PUBLISH w 'gone'");
  CHECK(counters().clients_total == 1);
}

// A session used to hold on to a channel that died before it could know its session.
TEST_CASE_METHOD(bus_fixture, "a channel that dies before it is answered leaves no session behind", "[broker]") {
  auto victim = client();
  victim->post_packets(connect_text("victim", true, 0));
  victim->kill();
  world.run();
  CHECK(counters().clients_connected == 0);
  CHECK(counters().clients_total == 0);
}

TEST_CASE_METHOD(bus_fixture, "a session that dies gives its client identifier back", "[broker]") {
  auto a = client();
  a->send(connect_text("me", true, 60));
  caf::anon_send_exit(a->session(), caf::exit_reason::kill);
  a->received();
  CHECK(a->closed());
  CHECK(counters().clients_connected == 0);
  auto b = client();
  CHECK(b->send(connect_text("me", false, 60)) == "CONNACK 00");
}

TEST_CASE_METHOD(bus_fixture, "a thousand sessions that end leave no actor behind", "[broker]") {
  const auto idle = actors();
  for (int round = 0; round < 2; ++round) {
    std::vector<std::unique_ptr<memory_client>> clients;
    for (int i = 0; i < 1000; ++i) {
      clients.push_back(client());
      clients.back()->post_packets(connect_text("c" + std::to_string(i), true, i % 3 == 0 ? 60 : 0));
    }
    CHECK(actors() == idle + 2000);
    for (int i = 0; i < 1000; ++i) {
      auto& each = *clients[static_cast<std::size_t>(i)];
      each.post_packets("82 [ 0001 00 s'a/{}' 01 ]", std::to_string(i % 50));
      if (i % 2 == 0)
        each.post_packets("e0 00");
    }
    for (auto& each : clients)
      each->kill();
    world.run();
    clients.clear();
    world.advance(seconds{60});
    CHECK(actors() == idle);
    CHECK(counters().clients_total == 0);
    CHECK(counters().clients_connected == 0);
    CHECK(counters().subscriptions == 0);
  }
}

} // namespace actorbus::test
