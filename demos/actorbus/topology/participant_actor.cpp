#include "topology/participant_actor.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <caf/send.hpp>

namespace actorbus::demos {

participant_actor::participant_actor(caf::actor_config& config, bus& home,
                                     participant_settings settings, caf::actor terminal)
    : batch_actor(config, nullptr),
      bus_(home),
      settings_(std::move(settings)),
      terminal_(std::move(terminal)),
      failures_(settings_.failures, settings_.failure_seed),
      role_(std::move(settings_.role)) {}

void participant_actor::on_start() {
  failures_.begin(now());
  connect();
}

bool participant_actor::on_message(caf::mailbox_element& element) {
  return match_message<incoming_message, alarm, client_connected, client_subscribed, client_ended>(
      element, [this](auto& message) { on(message); });
}

template <class F>
void participant_actor::guarded(F what) {
  try {
    what();
  } catch (const std::exception& failure) {
    give_up(failure.what());
  }
  if (effects_.failed)
    give_up(*std::exchange(effects_.failed, std::nullopt));
}

// -- the client ----------------------------------------------------------------------------------

void participant_actor::connect() {
  doing_ = "connecting";
  gate_ = std::make_shared<message_gate>(settings_.inbox_messages_max);
  auto events = events_to(self());
  events.on_message = [gate = gate_,
                       tell = std::move(events.on_message)](const incoming_message& message) {
    gate->enter();
    tell(message);
  };
  events.is_full = [gate = gate_] { return gate->is_full(); };
  client_ = bus_.spawn_client(self(), settings_.client, std::move(events));
  monitor(client_);
  post(client_, connect_request{}, context());
}

void participant_actor::on(client_connected&) {
  if (leaving_)
    return;
  doing_ = "subscribing";
  auto filters = role_->subscriptions();
  if (filters.empty()) {
    begin();
    return;
  }
  // Who may fail acknowledges what it has dealt with, so that nothing is lost with it.
  if (!settings_.failures.empty())
    for (auto& each : filters)
      each.manual_acknowledgement = true;
  post(client_,
       subscribe_filters{std::move(filters),
                         {},
                         [owner = self()](outcome result) {
                           post(owner, client_subscribed{std::move(result)}, nullptr);
                         }},
       context());
}

void participant_actor::on(client_subscribed& message) {
  if (leaving_)
    return;
  if (!message.result)
    give_up(message.result.text);
  else
    begin();
}

void participant_actor::on(client_ended& message) {
  if (!leaving_)
    give_up(message.why.text);
}

// Its last word, after which the next one may come.
void participant_actor::on_down(caf::down_msg& message) {
  if (!client_ || message.source != client_)
    return;
  client_ = {};
  if (!std::exchange(leaving_, false))
    give_up("its client is gone");
  else if (condition_ < condition::disconnected)
    connect();
}

void participant_actor::leave(bool in_good_order) {
  is_ready_ = false;
  backlog_.clear(); // of QoS 1 and 2 it comes again, if the session is kept
  turn_at_.reset();
  if (!client_ || std::exchange(leaving_, true))
    return;
  if (in_good_order)
    post(client_, disconnect_request{}, context());
  else
    caf::anon_send_exit(client_, caf::exit_reason::kill);
}

// -- the participant -----------------------------------------------------------------------------

void participant_actor::begin() {
  doing_ = "connected";
  is_ready_ = true;
  guarded([this] {
    if (!std::exchange(started_, true))
      role_->start(now(), effects_);
  });
  take_turns();
}

void participant_actor::on(incoming_message& message) {
  if (leaving_)
    return;
  if (is_ready_ && condition_ == condition::well) {
    handle(message);
    return;
  }
  backlog_.push_back(std::move(message));
  if (is_ready_ && !turn_at_)
    turn_at_ = now() + failures_.message_time();
}

void participant_actor::handle(const incoming_message& message) {
  guarded([&] { role_->on_message(message, now(), effects_); });
  if (message.packet_id != 0 && !settings_.failures.empty())
    post(client_, acknowledge_message{message.packet_id, message.connection}, context());
  if (gate_->leave())
    post(client_, receive_more{}, context());
}

// Handles what waits: all of it, or what is due.
void participant_actor::take_turns() {
  auto is_due = [this] {
    return condition_ == condition::well || (turn_at_ && *turn_at_ <= now());
  };
  while (is_ready_ && !backlog_.empty() && is_due()) {
    auto message = std::move(backlog_.front());
    backlog_.pop_front();
    handle(message);
    turn_at_.reset();
    if (condition_ == condition::slow && !backlog_.empty())
      turn_at_ = now() + failures_.message_time();
  }
  if (is_ready_ && condition_ == condition::slow && !backlog_.empty() && !turn_at_)
    turn_at_ = now() + failures_.message_time();
}

void participant_actor::change_condition(condition to) {
  auto from = std::exchange(condition_, to);
  if (from == to)
    return;
  say(to == condition::well ? "is well again" : "is " + std::string{to_string(to)} + " now");
  if (to == condition::stopped) {
    leave(false);
    role_.reset();
    role_alarm_.reset();
    started_ = false;
    return;
  }
  if (!role_)
    role_ = settings_.revive(++life_);
  if (to == condition::disconnected)
    leave(true);
  else if (!client_)
    connect();
}

void participant_actor::on(alarm&) {
  alarm_at_.reset();
  auto time = now();
  if (auto next = failures_.next(); next && *next <= time) {
    failures_.advance(time);
    change_condition(failures_.now());
  }
  take_turns();
  if (is_ready_ && role_alarm_ && *role_alarm_ <= time) {
    role_alarm_.reset();
    guarded([&] { role_->on_alarm(time, effects_); });
  }
}

// -- the end of a turn ---------------------------------------------------------------------------

void participant_actor::on_batch_end() {
  if (client_)
    for (auto& message : effects_.publishes)
      post(client_, publish_request{std::move(message), {}}, context());
  effects_.publishes.clear();
  for (auto& line : effects_.lines)
    post(terminal_, print_line{std::move(line)}, context());
  effects_.lines.clear();
  if (effects_.next_alarm)
    role_alarm_ = std::exchange(effects_.next_alarm, std::nullopt);
  update_alarm();
}

void participant_actor::update_alarm() {
  auto next = failures_.next();
  auto consider = [&](std::optional<time_point> when) {
    if (when && (!next || *when < *next))
      next = when;
  };
  if (is_ready_) {
    consider(role_alarm_);
    consider(turn_at_);
  }
  if (!next || next == alarm_at_)
    return;
  alarm_at_ = next;
  post(bus_.timekeeper(), set_alarm{self(), *next}, context());
}

void participant_actor::say(const std::string& what) {
  post(terminal_, print_line{"participant \"" + settings_.name + "\" " + what}, context());
}

void participant_actor::give_up(const std::string& why) {
  say("ended while " + std::string{doing_} + ": " + why);
  quit();
}

void participant_actor::on_exit() {
  if (client_)
    post(client_, disconnect_request{}, nullptr);
  client_ = {};
  terminal_ = {};
  gate_ = {};
  role_.reset();
  settings_ = {};
  backlog_.clear();
  effects_ = {};
  post(bus_.timekeeper(), cancel_alarm{id()}, nullptr);
}

} // namespace actorbus::demos
