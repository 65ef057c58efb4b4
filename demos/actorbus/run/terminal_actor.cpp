#include "run/terminal_actor.hpp"

#include <algorithm>

#include "run/live_view.hpp"
#include "view/window.hpp"

namespace actorbus::demos {

terminal_actor::terminal_actor(caf::actor_config& config, bus& home,
                               std::optional<view_settings> view, showing what)
    : batch_actor(config, nullptr), bus_(home), view_(std::move(view)), what_(what) {
  if (view_ && !terminal_.is_screen())
    view_->interval = std::max(view_->interval, log_interval_min);
}

void terminal_actor::on_start() {
  if (!view_)
    return;
  client_ = bus_.spawn_client(self(), {.client_id = std::string{observer_id}});
  post(client_, connect_request{}, context());
  if (what_ == showing::everything && terminal_.is_screen())
    screen_ = std::make_unique<screen>();
}

bool terminal_actor::on_message(caf::mailbox_element& element) {
  return match_message<incoming_message, print_line, alarm, client_connected, client_subscribed,
                       client_ended, bus_figures, show_outline, ask_traffic>(
      element, [this](auto& message) { on(message); });
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
  begin_to_count();
  table_.tick(now(), totals());
  if (what_ != showing::nothing)
    post(bus_.timekeeper(), set_alarm{self(), now() + view_->interval}, context());
}

void terminal_actor::on(client_ended& message) {
  lines_.push_back("view: " + message.why.text);
  client_ = {};
  begin_to_count();
}

void terminal_actor::begin_to_count() {
  counts_ = true;
  for (const auto& each : waiting_)
    answer(each);
  waiting_.clear();
}

void terminal_actor::on(incoming_message& message) {
  table_.add(message.topic, message.payload);
}

void terminal_actor::on(alarm&) {
  table_.tick(now(), totals());
  if (what_ == showing::everything)
    bus_.ask_figures({self(), figures_order::rate, clients_max});
  else
    show_topics();
  post(bus_.timekeeper(), set_alarm{self(), now() + view_->interval}, context());
}

void terminal_actor::on(ask_traffic& question) {
  if (counts_)
    answer(question);
  else
    waiting_.push_back(std::move(question));
}

void terminal_actor::answer(const ask_traffic& question) {
  counted_traffic result;
  result.topics = table_.busiest(question.topics_max);
  result.left_off = table_.size() - result.topics.size();
  post(question.asker, std::move(result), context());
}

void terminal_actor::on(bus_figures& figures) {
  if (outline_)
    show_everything(std::move(figures));
}

traffic_totals terminal_actor::totals() const {
  const auto& counters = bus_.counters();
  return {counters.clients_connected, counters.publishes_received, counters.publishes_sent,
          counters.publishes_dropped};
}

void terminal_actor::show_topics() {
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

void terminal_actor::show_everything(bus_figures figures) {
  auto known = gather(*outline_, std::move(figures));
  if (screen_) {
    auto size = size_of_window();
    screen_->paint(paint_run(known, table_.headline(), table_.topics(view_->rows), latest_,
                             size.rows, size.columns));
    return;
  }
  auto report = table_.report(view_->rows);
  auto more = report_run(known);
  report.insert(report.begin() + 1, more.begin(), more.end());
  lines_.insert(lines_.end(), report.begin(), report.end());
}

void terminal_actor::on_batch_end() {
  if (lines_.empty())
    return;
  if (!screen_) {
    terminal_.print(lines_);
  } else { // they are part of the picture
    latest_.insert(latest_.end(), lines_.begin(), lines_.end());
    while (latest_.size() > latest_max)
      latest_.pop_front();
  }
  lines_.clear();
}

void terminal_actor::on_exit() {
  if (screen_) {
    screen_.reset();
    lines_.insert(lines_.begin(), latest_.begin(), latest_.end());
  }
  if (!lines_.empty())
    terminal_.print(lines_);
  if (client_)
    post(client_, disconnect_request{}, nullptr);
  client_ = {};
  waiting_.clear();
  post(bus_.timekeeper(), cancel_alarm{id()}, nullptr);
}

} // namespace actorbus::demos
