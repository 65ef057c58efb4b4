// A program of a user's with an actor that owns a client: messages cross between it and the library in both directions,
// which have to agree on their types where the library is shared.
#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/client_requests.hpp>

#include <caf/all.hpp>

#include <chrono>
#include <cstdio>
#include <future>
#include <string>

namespace {

caf::behavior lamp(caf::event_based_actor* self, actorbus::bus* home, std::promise<std::string>* seen) {
  auto client = home->spawn_client(self);
  self->request(client, caf::infinite, actorbus::connect_request{}).then([=](const actorbus::outcome&) {
    self->request(client, caf::infinite, actorbus::subscribe_filters{{{"lamps/+"}}})
        .then([=](const actorbus::outcome&) {
          self->send(client, actorbus::publish_request{{"lamps/kitchen", "on"}, {}});
        });
  });
  return {
      [=](const actorbus::incoming_message& message) {
        seen->set_value(std::string{message.payload});
        self->quit();
      },
      [](const actorbus::client_connected&) {},
  };
}

} // namespace

int main() {
  std::promise<std::string> seen;
  actorbus::bus bus;
  bus.system().spawn(lamp, &bus, &seen);
  auto value = seen.get_future();
  if (value.wait_for(std::chrono::seconds{60}) != std::future_status::ready || value.get() != "on") {
    std::puts("the message did not arrive");
    return 1;
  }
}
