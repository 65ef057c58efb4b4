#include <actorbus/protocol/keep_alive.hpp>

#include <catch2/catch.hpp>

using namespace actorbus::protocol;
using namespace std::chrono_literals;

TEST_CASE("a server waits one and a half times the keep-alive [v5:MQTT-3.1.2-22]") {
  CHECK(keep_alive_timeout(60) == 90s);
  CHECK(keep_alive_timeout(1) == 1500ms);
  CHECK(keep_alive_timeout(65'535) == 98'302'500ms);
  CHECK(keep_alive_timeout(0) == 0s); // never
}

TEST_CASE("a message's interval shrinks while it waits and never ends early [v5:MQTT-3.3.2-6]") {
  CHECK(remaining_seconds(10, 0ms) == 10);
  CHECK(remaining_seconds(10, 1ms) == 10);
  CHECK(remaining_seconds(10, 1000ms) == 9);
  CHECK(remaining_seconds(10, 9999ms) == 1);
  CHECK(remaining_seconds(10, 10s) == 0);
  CHECK(remaining_seconds(10, 11s) == 0);
  CHECK(remaining_seconds(0, 0ms) == 0);
  CHECK(remaining_seconds(0xFFFFFFFF, 1ms) == 0xFFFFFFFF);
}
