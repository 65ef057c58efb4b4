#include <actorbus/actors/event_board.hpp>

#include <chrono>
#include <utility>

namespace actorbus {

namespace {

/// Between two events of a kind at least.
constexpr std::chrono::seconds pause{1};

} // namespace

event_board::event_board(caf::actor_config& config, bus_context_ptr bus, caf::actor broker)
    : batch_actor(config, nullptr), bus_(std::move(bus)), voice_(bus_, std::move(broker)) {}

bool event_board::on_message(caf::mailbox_element& element) {
  return match_message<bus_event, watch_events, alarm>(element,
                                                       [this](auto& message) { on(message); });
}

void event_board::on(bus_event& event) {
  auto& kept = pending_[static_cast<std::size_t>(event.what)];
  kept.count += event.count;
  kept.last = std::move(event);
  if (now() >= kept.quiet_until) {
    tell(kept);
  } else if (!std::exchange(alarmed_, true)) {
    post(bus_->timekeeper, set_alarm{caf::actor_cast<caf::actor>(ctrl()), now() + pause},
         context());
  }
}

void event_board::on(alarm&) {
  alarmed_ = false;
  for (auto& each : pending_)
    if (each.count != 0)
      tell(each);
}

void event_board::tell(pending& what) {
  what.quiet_until = now() + pause;
  what.last.count = std::exchange(what.count, 0);
  auto topic = "$SYS/broker/events/" + std::string{to_string(what.last.what)};
  voice_.publish(topic, to_json(what.last), false, now(), context());
  for (const auto& each : watchers_)
    post(each, what.last, context());
}

void event_board::on(watch_events& request) {
  monitor(request.watcher);
  watchers_.push_back(std::move(request.watcher));
}

void event_board::on_down(caf::down_msg& message) {
  std::erase_if(watchers_, [&](const caf::actor& each) { return message.source == each; });
}

void event_board::on_exit() {
  if (alarmed_)
    post(bus_->timekeeper, cancel_alarm{id()}, context());
  watchers_.clear();
  voice_.close();
  bus_.reset();
}

} // namespace actorbus
