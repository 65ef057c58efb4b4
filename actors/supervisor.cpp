#include <actorbus/actors/supervisor.hpp>

#include <algorithm>
#include <exception>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <actorbus/actors/bus.hpp>

namespace actorbus {

using happening = supervision_event::kind;

bool restart_budget::spend(time_point now) {
  while (!spent_.empty() && spent_.front() + period_ <= now)
    spent_.pop_front();
  if (spent_.size() >= restarts_max_)
    return false;
  spent_.push_back(now);
  return true;
}

supervisor::supervisor(caf::actor_config& config, caf::actor timekeeper,
                       std::vector<supervised> children, supervisor_options options)
    : batch_actor(config, nullptr),
      timekeeper_(std::move(timekeeper)),
      options_(std::move(options)),
      budget_(options_.restarts_max, options_.period) {
  auto seed = options_.seed;
  for (auto& each : children)
    children_.push_back({std::move(each), back_off{options_.delay, seed++}});
}

void supervisor::on_start() {
  for (auto& each : children_)
    if (!stopping_)
      start(each);
}

bool supervisor::on_message(caf::mailbox_element& element) {
  return match_message<alarm>(element, [this](auto& message) { on(message); });
}

void supervisor::start(child& which) {
  which.start_at.reset();
  which.started_at = now();
  try {
    which.actor = which.what.start();
  } catch (const std::exception& failure) {
    ended(which, failure.what(), true);
    return;
  }
  tell({happening::started, which.what.name});
  monitor(which.actor);
}

void supervisor::on_down(caf::down_msg& message) {
  auto found = std::find_if(children_.begin(), children_.end(), [&](const child& each) {
    return each.actor && each.actor == message.source;
  });
  if (found == children_.end())
    return;
  found->actor = {};
  auto is_failure = message.reason && message.reason != caf::exit_reason::normal &&
                    message.reason != caf::exit_reason::user_shutdown;
  ended(*found, message.reason ? home_system().render(message.reason) : "normal", is_failure);
}

void supervisor::ended(child& which, const std::string& reason, bool is_failure) {
  tell({happening::ended, which.what.name, reason});
  if (stopping_) {
    finish_if_stopped();
    return;
  }
  if (restarting_all_) { // it was told to, for the sake of another
    restart_later(which);
    return;
  }
  if (which.what.when == restart::never || (which.what.when == restart::on_failure && !is_failure))
    return;
  if (!budget_.spend(now())) {
    tell({happening::gave_up, which.what.name, reason});
    stop(caf::make_error(caf::sec::runtime_error, "restarted too often: " + which.what.name));
    return;
  }
  if (now() - which.started_at >= options_.period)
    which.delays.reset();
  if (options_.strategy == restart_strategy::one_for_all) {
    restarting_all_ = true;
    for (auto& each : children_)
      if (each.actor)
        caf::anon_send_exit(each.actor, caf::exit_reason::user_shutdown);
  }
  restart_later(which);
}

// All begin together where all had to end, after the last of them has.
void supervisor::restart_later(child& which) {
  auto delay = which.delays.next();
  which.start_at = now() + delay;
  tell({happening::restarts_later, which.what.name, {}, delay});
  auto runs = [](const child& each) { return static_cast<bool>(each.actor); };
  if (restarting_all_ && std::none_of(children_.begin(), children_.end(), runs)) {
    restarting_all_ = false;
    for (auto& each : children_)
      if (each.start_at)
        which.start_at = std::max(*which.start_at, *each.start_at);
    for (auto& each : children_)
      if (each.start_at)
        each.start_at = which.start_at;
  }
  update_alarm();
}

void supervisor::on(alarm&) {
  if (kill_at_ && now() >= *kill_at_) {
    kill_at_.reset();
    for (auto& each : children_)
      if (each.actor)
        caf::anon_send_exit(each.actor, caf::exit_reason::kill);
  }
  for (auto& each : children_)
    if (!stopping_ && !restarting_all_ && each.start_at && now() >= *each.start_at)
      start(each);
  update_alarm();
}

void supervisor::on_exit_message(caf::exit_msg& message) {
  if (message.reason == caf::exit_reason::kill)
    quit(std::move(message.reason));
  else if (message.reason != caf::exit_reason::normal)
    stop(std::move(message.reason));
}

void supervisor::stop(caf::error reason) {
  if (stopping_)
    return;
  stopping_ = std::move(reason);
  for (auto& each : children_) {
    each.start_at.reset();
    if (each.actor)
      caf::anon_send_exit(each.actor, caf::exit_reason::user_shutdown);
  }
  kill_at_ = now() + options_.stop_timeout;
  update_alarm();
  finish_if_stopped();
}

void supervisor::finish_if_stopped() {
  auto runs = [](const child& each) { return static_cast<bool>(each.actor); };
  if (std::none_of(children_.begin(), children_.end(), runs))
    quit(*stopping_);
}

void supervisor::update_alarm() {
  auto when = kill_at_;
  if (!stopping_ && !restarting_all_)
    for (const auto& each : children_)
      if (each.start_at && (!when || *each.start_at < *when))
        when = each.start_at;
  if (when)
    post(timekeeper_, set_alarm{caf::actor_cast<caf::actor>(ctrl()), *when}, context());
}

void supervisor::tell(supervision_event event) const {
  if (options_.on_event)
    options_.on_event(event);
}

void supervisor::on_exit() {
  post(timekeeper_, cancel_alarm{id()}, nullptr);
  timekeeper_ = {};
  for (auto& each : children_) {
    if (each.actor) // killed: so are they
      caf::anon_send_exit(each.actor, caf::exit_reason::kill);
    each.actor = {};
    each.what.start = nullptr;
  }
  options_.on_event = nullptr;
}

caf::actor supervise(bus& home, std::vector<supervised> children, supervisor_options options) {
  return home.system().spawn<supervisor>(home.timekeeper(), std::move(children),
                                         std::move(options));
}

} // namespace actorbus
