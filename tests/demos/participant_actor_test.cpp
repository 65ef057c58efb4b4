#include "topology/participant_actor.hpp"

#include <catch2/catch.hpp>

#include "demos/staged_topology.hpp"

using namespace actorbus;
using namespace actorbus::demos;
using namespace std::chrono_literals;

using texts = std::vector<std::string>;

TEST_CASE("a participant that stops is lost, and another takes its place after a while") {
  staged_topology on{R"(
[[participant]]
name = "clock"
kind = "generator"
topic = "clock"
payload = "{n}"
interval_s = 1
will = { topic = "clock/state", payload = "lost" }
failure = { kind = "stop", after_s = 2.5, for_s = 5, times = 1 }
)"};
  on.home.tester().subscribe("clock/#").get();
  on.home.advance(2400ms);
  CHECK(on.heard() == texts{"2", "3"});
  on.home.advance(4s);
  CHECK(on.heard() == texts{"lost"});
  on.home.advance(2200ms);
  CHECK(on.heard() == texts{"1", "2"});
  CHECK(on.lines == texts{"participant \"clock\" is stopped now", "participant \"clock\" is well again"});
}

TEST_CASE("a participant that disconnects is not lost, and makes up for it when it comes back") {
  staged_topology on{R"(
[[participant]]
name = "clock"
kind = "generator"
topic = "clock"
payload = "{n}"
interval_s = 1
will = { topic = "clock/state", payload = "lost" }
failure = { kind = "disconnect", after_s = 1.5, for_s = 2, times = 1 }
)"};
  on.home.tester().subscribe("clock/#").get();
  on.home.advance(3400ms);
  CHECK(on.heard() == texts{"2"});
  on.home.advance(200ms);
  CHECK(on.heard() == texts{"3", "4"});
}

TEST_CASE("a session that is kept has what came while its participant was away") {
  staged_topology on{R"(
[[participant]]
name = "echo"
kind = "echo"
filter = "ask"
topic = "answer"
session_expiry_s = 60
failure = { kind = "disconnect", after_s = 1, for_s = 2, times = 1 }
)"};
  on.home.tester().subscribe("answer").get();
  on.home.advance(1100ms);
  on.home.publish("ask", "one", protocol::qos::at_least_once);
  on.home.publish("ask", "two", protocol::qos::at_least_once);
  CHECK(on.heard().empty());
  on.home.advance(2s);
  CHECK(on.heard() == texts{"one", "two"});
}

TEST_CASE("a slow participant handles one message after the other") {
  staged_topology on{R"(
[[participant]]
name = "echo"
kind = "echo"
filter = "ask"
topic = "answer"
failure = { kind = "slow", message_s = 1, for_s = 4.5, after_s = 0.001, times = 1 }
)"};
  on.home.tester().subscribe("answer").get();
  on.home.advance(2ms);
  for (int i = 0; i < 8; ++i)
    on.home.publish("ask", std::to_string(i), protocol::qos::at_least_once);
  CHECK(on.heard().empty());
  on.home.advance(2s);
  CHECK(on.heard() == texts{"0", "1"});
  on.home.advance(2s);
  CHECK(on.heard() == texts{"2", "3"});
  on.home.advance(600ms); // well again
  CHECK(on.heard() == texts{"4", "5", "6", "7"});
}

TEST_CASE("what a slow participant has not handled waits in its session") {
  staged_topology on{R"(
[[participant]]
name = "echo"
kind = "echo"
filter = "ask"
topic = "answer"
receive_maximum = 2
session_expiry_s = 60
[[participant.failure]]
kind = "slow"
message_s = 1
[[participant.failure]]
kind = "stop"
after_s = 1.5
for_s = 1
times = 1
)"};
  on.home.tester().subscribe("answer").get();
  for (int i = 0; i < 4; ++i)
    on.home.publish("ask", std::to_string(i), protocol::qos::at_least_once);
  on.home.advance(1400ms);
  CHECK(on.heard() == texts{"0"});
  on.home.advance(2200ms); // it died with the second in its hands
  CHECK(on.heard() == texts{"1"});
  on.home.advance(3s);
  CHECK(on.heard() == texts{"2", "3"});
}

TEST_CASE("a slow participant holds QoS 0 back as well") {
  message_gate gate{4};
  for (int i = 0; i < 3; ++i)
    gate.enter();
  CHECK_FALSE(gate.is_full());
  gate.enter();
  CHECK(gate.is_full());
  CHECK_FALSE(gate.leave());
  CHECK(gate.leave()); // half of it is free: tell the client
  CHECK_FALSE(gate.leave());
  CHECK_FALSE(gate.is_full());
}

TEST_CASE("a participant that is refused says so and ends") {
  staged_topology on{R"(
[[participant]]
name = "deaf"
kind = "logger"
filter = "$share/a/#"
)"};
  CHECK(on.lines.empty());
  auto other = on.home.bus().connect({.client_id = "deaf"});
  on.home.run();
  REQUIRE(on.lines.size() == 1);
  CHECK(on.lines[0].starts_with("participant \"deaf\" ended while connected: "));
}
