// How to test a program on the bus: its bus runs on virtual time, in the test's own thread.

#include <cassert>
#include <iostream>
#include <string>

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/testing.hpp>

using namespace std::chrono_literals;

// The program: heats below 20 °C, and says that it is alive each minute.
class thermostat {
public:
  explicit thermostat(actorbus::bus& bus)
      : client_(
            bus.connect({.client_id = "thermostat", .reconnect = actorbus::reconnect_policy{}})) {
    client_.subscribe("room/temperature", [this](const actorbus::incoming_message& message) {
      auto is_cold = std::stod(std::string{message.payload}) < 20;
      client_.publish("room/heater", is_cold ? "on" : "off",
                      actorbus::protocol::qos::at_least_once);
    });
    tell();
  }

private:
  void tell() {
    client_.publish("thermostat/alive", "1");
    actorbus::call_after(client_.actor(), 60s, [this] { tell(); });
  }

  actorbus::client client_;
};

// The test. Whatever does not come true throws, with what happened instead.
int main() {
  actorbus::testing::test_bus world;
  thermostat subject{world};

  world.publish("room/temperature", "17.5");
  world.expect_publish("room/heater", 0s, "on");

  world.cut("thermostat"); // it comes back
  world.advance(5s);
  world.publish("room/temperature", "21");
  world.expect_publish("room/heater", 0s, "off");

  world.expect_publish("thermostat/alive");
  world.expect_publish("thermostat/alive", 1min);
  world.expect_silence("room/#", 1h);
  std::cout << "passed, after " << world.elapsed().count() / 1000 << " virtual seconds\n";
}
