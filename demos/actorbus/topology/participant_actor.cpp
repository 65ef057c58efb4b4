#include "topology/participant_actor.hpp"

namespace actorbus::demos {

participant_actor::participant_actor(caf::actor_config& config, bus& home,
                                     participant_settings settings, caf::actor terminal)
    : batch_actor(config, nullptr),
      bus_(home),
      settings_(std::move(settings)),
      terminal_(std::move(terminal)) {}

void participant_actor::on_start() {
  client_ = bus_.spawn_client(self(), settings_.client);
  post(client_, connect_request{}, context());
}

bool participant_actor::on_message(caf::mailbox_element& element) {
  return match_message<incoming_message, alarm, client_connected, client_subscribed, client_ended>(
      element, [this](auto& message) { on(message); });
}

void participant_actor::on(client_connected&) {
  doing_ = "subscribing";
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
    give_up(message.result);
  else
    begin();
}

void participant_actor::begin() {
  doing_ = "connected";
  settings_.role->start(now(), effects_);
}

void participant_actor::on(client_ended& message) {
  give_up(message.why);
}

void participant_actor::give_up(const outcome& why) {
  post(terminal_,
       print_line{"participant " + settings_.name + " ended while " + doing_ + ": " + why.text},
       context());
  quit();
}

void participant_actor::on(incoming_message& message) {
  settings_.role->on_message(message, now(), effects_);
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
