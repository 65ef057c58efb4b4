// Values instead of bytes: what fits the type comes as a value, what doesn't as a fault.

#include <iostream>
#include <latch>
#include <string>

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/msgpack_encoding.hpp>
#include <actorbus/actors/typed.hpp>

struct reading {
  std::string sensor;
  double celsius = 0;
  MSGPACK_DEFINE(sensor, celsius)
};

int main() {
  using actorbus::protocol::qos;
  std::latch shown{2};
  actorbus::bus bus;

  auto display = bus.connect();
  auto show = [&](const reading& value, const actorbus::incoming_message& message) {
    std::cout << message.topic << ": " << value.celsius << " from " << value.sensor << '\n';
    shown.count_down();
  };
  auto complain = [&](const actorbus::payload_fault& what,
                      const actorbus::incoming_message& message) {
    std::cout << message.topic << ": " << what.text << '\n';
    shown.count_down();
  };
  subscribe<reading>(display, "rooms/+/temperature", show, complain).get();

  auto sensor = bus.connect();
  publish(sensor, "rooms/kitchen/temperature", reading{"k1", 21.5}, qos::at_least_once).get();
  publish(sensor, "rooms/attic/temperature", std::string{"warm"}, qos::at_least_once).get();
  shown.wait();
}
