// A CAF actor as a participant: it owns a client, asks it with `request`, and gets what comes as
// messages.

#include <iostream>

#include <caf/all.hpp>

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/client_requests.hpp>
#include <actorbus/actors/system_config.hpp>

using namespace actorbus;

caf::behavior thermostat(caf::event_based_actor* self, bus* home) {
  client_options options;
  options.client_id = "thermostat";
  options.will = will_options{{"kitchen/heater", "off"}}; // should this actor die
  auto client = home->spawn_client(self, options);
  self->request(client, caf::infinite, connect_request{}).then([=](const outcome&) {
    self->request(client, caf::infinite, subscribe_filters{{{"kitchen/temperature"}}})
        .then(
            [](const outcome& result) { std::cout << "granted: " << result.codes.size() << '\n'; });
  });
  return {
      [=](const incoming_message& message) {
        auto degrees = std::stod(std::string{message.payload});
        if (degrees > 50) // fire!
          self->quit(caf::exit_reason::unhandled_exception);
        else
          self->send(client, publish_request{{"kitchen/heater", degrees < 20 ? "on" : "off"}, {}});
      },
      [](const client_connected& event) {
        std::cout << "hello " << event.result.client_id << '\n';
      },
      [](const client_disconnected&) {},
      [](const client_ended&) {},
  };
}

int main() {
  system_config config;
  caf::actor_system system{config};
  bus home{system};
  auto kitchen = home.connect();
  kitchen.subscribe("kitchen/heater").get();
  auto measure = [&](const char* degrees, bool retain) {
    kitchen.publish("kitchen/temperature", degrees, protocol::qos::at_least_once, retain).get();
  };
  auto show = [&] {
    if (auto message = kitchen.receive(std::chrono::seconds{5}))
      std::cout << "heater " << message->payload << '\n';
  };
  measure("18.5", true); // retained, for a thermostat that comes later
  system.spawn(thermostat, &home);
  show();
  measure("23.0", false);
  show();
  measure("451", false);
  show();
}
