// A bus that is reached over a transport of its user's own: string_phone.hpp.

#include <iostream>

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/client_actor.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/transports/io_threads.hpp>

#include "string_phone.hpp"

int main() {
  using namespace actorbus;
  system_config config;
  caf::actor_system system{config};
  transports::io_threads threads{system, 1};
  transports::transport_table table;
  table.add(string_phone::make_transport(std::make_shared<string_phone::directory>()));
  int exit_code = 1;
  {
    bus kitchen{system};
    transports::transport_context context{
        .system = system, .threads = threads, .broker = kitchen.broker()};
    auto opened = table.listen("string://kitchen", context);
    auto gateway = table.connect("string://kitchen", context);
    if (opened && gateway) {
      client far{system, {{*gateway}, kitchen.timekeeper()}};
      far.connect().get();
      far.subscribe("kettle").get();
      kitchen.connect().publish("kettle", "it boils", protocol::qos::exactly_once).get();
      if (auto message = far.receive(std::chrono::seconds{5})) {
        std::cout << message->topic << ": " << message->payload << '\n';
        exit_code = 0;
      }
      post(opened->listener, close_channel{}, nullptr);
      post(*gateway, close_channel{}, nullptr);
    }
  }
  system.await_all_actors_done();
  return exit_code;
}
