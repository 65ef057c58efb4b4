#include "topology/participant_actor.hpp"

#include <actorbus/actors/client_actor.hpp>

namespace actorbus::demos {

client_events events_to(const caf::actor& owner) {
  client_events events;
  events.on_message = [owner](const incoming_message& message) {
    post(owner, client_received{message}, nullptr);
  };
  events.on_disconnected = [owner](const outcome& why) { post(owner, client_lost{why}, nullptr); };
  return events;
}

participant_actor::participant_actor(caf::actor_config& config, bus& home,
                                     participant_settings settings, caf::actor terminal)
    : batch_actor(config, nullptr),
      bus_(home),
      settings_(std::move(settings)),
      terminal_(std::move(terminal)) {}

void participant_actor::on_start() {
  client_ = bus_.spawn_client(settings_.client, events_to(self()));
  post(client_, connect_request{[owner = self()](outcome result) {
         post(owner, client_connected{std::move(result)}, nullptr);
       }},
       context());
}

bool participant_actor::on_message(caf::mailbox_element& element) {
  return match_message<client_received, alarm, client_connected, client_subscribed, client_lost>(
      element, [this](auto& message) { on(message); });
}

void participant_actor::on(client_connected& message) {
  if (!message.result) {
    give_up("connecting", message.result);
    return;
  }
  auto filters = settings_.role->subscriptions();
  if (filters.empty()) {
    begin();
    return;
  }
  post(client_,
       subscribe_filters{std::move(filters),
                         {},
                         [owner = self()](outcome result) {
                           post(owner, client_subscribed{std::move(result)}, nullptr);
                         }},
       context());
}

void participant_actor::on(client_subscribed& message) {
  if (!message.result)
    give_up("subscribing", message.result);
  else
    begin();
}

void participant_actor::begin() {
  settings_.role->start(now(), effects_);
}

void participant_actor::on(client_lost& message) {
  give_up("connected", message.why);
}

void participant_actor::give_up(const std::string& doing, const outcome& why) {
  post(terminal_,
       print_line{"participant " + settings_.name + " ended while " + doing + ": " + why.text},
       context());
  quit();
}

void participant_actor::on(client_received& message) {
  settings_.role->on_message(message.message, now(), effects_);
}

void participant_actor::on(alarm&) {
  settings_.role->on_alarm(now(), effects_);
}

void participant_actor::on_batch_end() {
  for (auto& message : effects_.publishes)
    post(client_, publish_request{std::move(message), {}}, context());
  effects_.publishes.clear();
  for (auto& line : effects_.lines)
    post(terminal_, print_line{std::move(line)}, context());
  effects_.lines.clear();
  if (auto when = std::exchange(effects_.next_alarm, std::nullopt))
    post(bus_.timekeeper(), set_alarm{self(), *when}, context());
}

void participant_actor::on_exit() {
  if (client_)
    post(client_, disconnect_request{}, nullptr);
  client_ = {};
  terminal_ = {};
  effects_ = {};
  post(bus_.timekeeper(), cancel_alarm{id()}, nullptr);
}

} // namespace actorbus::demos
