// A bus inside the program: two clients meet on it, and no socket is opened.

#include <iostream>

#include <actorbus/actors/bus.hpp>

int main() {
  actorbus::bus bus;

  auto listener = bus.connect();
  listener.subscribe("rooms/+/temperature").get();

  auto thermometer = bus.connect();
  thermometer.publish("rooms/kitchen/temperature", "21.5");

  if (auto message = listener.receive(std::chrono::seconds{1}))
    std::cout << message->topic << ": " << message->payload << '\n';
}
