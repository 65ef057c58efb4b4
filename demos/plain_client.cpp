// Clients for plain C++: waiting, callbacks, and neither. No actor in sight.

#include <atomic>
#include <iostream>
#include <latch>

#include <actorbus/actors/bus.hpp>

using actorbus::incoming_message;
using actorbus::outcome;
using actorbus::protocol::qos;

int main() {
  actorbus::bus bus;
  std::latch states{3};

  auto monitor = bus.connect({.client_id = "monitor"});
  auto show = [&](const incoming_message& message) {
    std::cout << message.topic << " is " << message.payload << '\n';
    states.count_down();
  };
  monitor.subscribe("machines/+/state", show).get(); // waits until the broker has granted it

  auto press = bus.connect({.client_id = "press"});
  press.publish("machines/press/state", "running", qos::at_least_once, true).get();

  // A callback runs on the client's actor. It may call the client, but must not wait for it.
  std::atomic<int> delivered{0};
  press.publish("machines/press/state", "idle", qos::exactly_once).then([&](const outcome& result) {
    delivered += result ? 1 : 0;
  });

  // Who takes no interest drops the operation. What was begun before is done before.
  press.publish("machines/press/state", "stopped");
  press.disconnect().get();

  states.wait();
  std::cout << delivered << " delivered\n";

  auto late = bus.connect();
  late.subscribe("machines/#");
  if (auto message = late.receive(std::chrono::seconds{5}))
    std::cout << message->topic << (message->retain ? " was " : " is ") << message->payload << '\n';
}
