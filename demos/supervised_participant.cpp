// A participant that fails is a lost connection: its will is sent, and a supervisor starts it again.

#include <iostream>
#include <string>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/client_requests.hpp>
#include <actorbus/actors/supervisor.hpp>
#include <actorbus/actors/system_config.hpp>

using namespace actorbus;

// A pump is an actor that owns its client: what comes for it are ordinary messages.
caf::behavior pump(caf::event_based_actor* self, bus* home) {
  client_options options{.client_id = "pump"};
  options.will = will_options{{"pump/state", "lost"}};
  auto client = home->spawn_client(caf::actor_cast<caf::actor>(self), options);
  post(client, connect_request{}, nullptr);
  post(client, subscribe_filters{{{"pump/pressure"}}}, nullptr);
  post(client, publish_request{{"pump/state", "runs"}}, nullptr);
  return {[self](const incoming_message& pressure) {
            if (std::stoi(std::string{pressure.payload}) > 10)
              self->quit(caf::make_error(caf::sec::runtime_error, "burst"));
          },
          [](const client_connected&) {}};
}

int main() {
  system_config config;
  caf::actor_system system{config};
  bus home{system};
  auto control = home.connect();
  control.subscribe("pump/state").get();

  supervisor_options often;
  often.delay.delay_min = std::chrono::milliseconds{10};
  auto keeper = supervise(home, {{"pump", [&] { return system.spawn(pump, &home); }}}, often);
  for (auto count = 0; count < 3; ++count) {
    auto state = control.receive(std::chrono::seconds{10});
    std::cout << "pump " << (state ? state->payload : "is silent") << '\n';
    if (state && count == 0)
      control.publish("pump/pressure", "11");
  }
  caf::anon_send_exit(keeper, caf::exit_reason::user_shutdown);
  caf::scoped_actor {
    system
    } -> wait_for(keeper);
}
