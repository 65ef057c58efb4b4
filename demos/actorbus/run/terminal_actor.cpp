#include "run/terminal_actor.hpp"

#include <algorithm>

namespace actorbus::demos {

terminal_actor::terminal_actor(caf::actor_config& config, bus& home,
                               std::optional<view_settings> view)
    : batch_actor(config, nullptr), bus_(home), view_(std::move(view)) {
  if (view_ && !terminal_.is_screen())
    view_->interval = std::max(view_->interval, log_interval_min);
}

void terminal_actor::on_start() {
  if (!view_)
    return;
  client_ = bus_.spawn_client(self(), {.client_id = "$view"});
  post(client_, connect_request{}, context());
}

bool terminal_actor::on_message(caf::mailbox_element& element) {
  return match_message<incoming_message, print_line, alarm, client_connected, client_subscribed,
                       client_ended>(element, [this](auto& message) { on(message); });
}

void terminal_actor::on(client_connected&) {
  subscribe_filters request;
  for (const auto& filter : view_->filters)
    request.filters.push_back({filter, protocol::qos::at_most_once});
  request.done = [owner = self()](outcome result) {
    post(owner, client_subscribed{std::move(result)}, nullptr);
  };
  post(client_, std::move(request), context());
}

void terminal_actor::on(client_subscribed& message) {
  if (!message.result)
    lines_.push_back("view: " + message.result.text);
  table_.tick(now(), totals());
  post(bus_.timekeeper(), set_alarm{self(), now() + view_->interval}, context());
}

void terminal_actor::on(client_ended& message) {
  lines_.push_back("view: " + message.why.text);
  client_ = {};
}

void terminal_actor::on(incoming_message& message) {
  table_.add(message.topic, message.payload);
}

void terminal_actor::on(alarm&) {
  table_.tick(now(), totals());
  show();
  post(bus_.timekeeper(), set_alarm{self(), now() + view_->interval}, context());
}

traffic_totals terminal_actor::totals() const {
  const auto& counters = bus_.counters();
  return {counters.clients_connected, counters.publishes_received, counters.publishes_sent,
          counters.publishes_dropped};
}

void terminal_actor::show() {
  if (!terminal_.is_screen()) {
    auto report = table_.report(view_->rows);
    lines_.insert(lines_.end(), report.begin(), report.end());
    return;
  }
  constexpr std::size_t other_lines = 5;
  auto height = std::max<std::size_t>(terminal_.rows(), other_lines + 1);
  terminal_.paint(
      table_.paint(std::min<std::size_t>(view_->rows, height - other_lines), terminal_.columns()));
}

void terminal_actor::on_batch_end() {
  if (lines_.empty())
    return;
  terminal_.print(lines_);
  lines_.clear();
}

void terminal_actor::on_exit() {
  if (!lines_.empty())
    terminal_.print(lines_);
  if (client_)
    post(client_, disconnect_request{}, nullptr);
  client_ = {};
  post(bus_.timekeeper(), cancel_alarm{id()}, nullptr);
}

} // namespace actorbus::demos
