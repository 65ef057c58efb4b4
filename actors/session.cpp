#include <actorbus/actors/session.hpp>

#include <chrono>

#include <actorbus/actors/bridge_trail.hpp>
#include <actorbus/actors/bus_event.hpp>
#include <actorbus/actors/open_bridge.hpp>
#include <actorbus/actors/refusal.hpp>

namespace actorbus {

session::session(caf::actor_config& config, caf::execution_unit* home, bus_context_ptr bus,
                 caf::actor broker, std::shared_ptr<subscriber> self, std::string bridge)
    : batch_actor(config, home),
      bus_(std::move(bus)),
      broker_(std::move(broker)),
      bridge_(std::move(bridge)),
      state_(*this, bus_->bounds, bus_->outbound),
      self_(std::move(self)) {
  state_.subscriber_id(self_->id);
  state_.speaks_for_bus(!bridge_.empty());
  if (!bridge_.empty())
    bus_->bridges.add(bridge_);
  self_->counters = &counters_;
}

bool session::on_message(caf::mailbox_element& element) {
  return match_message<frame, deliver, outbound_drained, subscribed, unsubscribed, attach_channel,
                       channel_closed, end_session, alarm, verdict, describe_session>(
      element, [this](auto& message) { on(message); });
}

void session::on(frame& packets) {
  if (!channel_ || packets.link != link_)
    return;
  count(bus_->counters.bytes_received, packets.size);
  session_counters::add(counters_.bytes_in, packets.size);
  state_.touch();
  if (held_.empty() && state_.may_receive())
    read(std::move(packets));
  else
    held_.push_back(std::move(packets));
  if (close_wanted_)
    settle();
}

// Goes on with what had to wait: behind a SUBSCRIBE or UNSUBSCRIBE, or for the client to take
// what it was sent.
void session::read_held() {
  while (!held_.empty() && state_.may_receive())
    read(held_.pop_front());
  if (ending_ && held_.empty() && !state_.awaits_broker()) {
    ending_ = false;
    leave_channel(protocol::reason_code::success);
    settle();
  } else if (close_wanted_) {
    settle();
  }
}

void session::on(deliver& message) {
  state_.deliver(message);
}

void session::on(attach_channel& message) {
  if (state_.over() && link_ != 0) {
    // The session ended while the broker sent this: it shall look again.
    post(broker_, session_ended{self_->id, message.link, true}, context());
    if (!bridge_.empty())
      post(broker_, open_bridge{{std::move(message.channel), std::move(message.connect)}, bridge_},
           context());
    else
      post(broker_,
           admitted{std::move(message.channel), std::move(message.connect),
                    std::move(message.terms)},
           context());
    return;
  }
  if (channel_)
    state_.refuse(protocol::reason_code::session_taken_over, {});
  if (state_.attached())
    leave_channel(protocol::reason_code::session_taken_over);
  close_wanted_ = false;
  link_ = message.link;
  channel_ = message.channel.channel;
  monitor(channel_);
  meter_ = std::move(message.channel.meter);
  attempt_ = message.channel.attempt;
  where_ = std::move(message.channel);
  where_.channel = {};
  auto connect = read_connect(message.connect);
  post(channel_,
       session_opened{caf::actor_cast<caf::actor>(ctrl()), connect.version, link_, attempt_},
       context());
  state_.limit(where_.bounds(bus_->bounds));
  state_.limit_queue(where_.queue);
  state_.attach(connect, message.client_id, message.assigned_client_id, meter_,
                std::move(message.terms));
  self_->online.store(true, std::memory_order_relaxed);
  count(bus_->counters.clients_connected);
  keep_maximum(bus_->counters.clients_maximum, bus_->counters.clients_connected);
  settle();
}

void session::on(channel_closed& message) {
  if (!channel_ || message.link != link_)
    return;
  if (message.reason == protocol::reason_code::success) {
    lose_channel();
    return;
  }
  state_.refuse(message.reason, {});
  leave_channel(message.reason);
  settle();
}

void session::on_down(caf::down_msg& message) {
  if (channel_ && message.source == channel_)
    lose_channel();
}

// Asks who the client is, anew [v5:MQTT-4.12.1-1]. An authenticator that is gone is noticed by the
// time-out.
void session::authenticate(bool begins, std::string_view data) {
  const auto& terms = *state_.terms();
  if (!begins) {
    post(terms.authenticator, continue_authentication{asked_anew_, std::string{data}}, context());
    return;
  }
  asked_anew_ = bus_->attempts.fetch_add(1, std::memory_order_relaxed) + 1;
  actorbus::authenticate question;
  question.attempt = asked_anew_;
  question.reply_to = caf::actor_cast<caf::actor>(ctrl());
  question.deadline =
      now() + std::chrono::milliseconds{where_.bounds(bus_->bounds).authentication_timeout_ms};
  question.client_id = state_.client_id();
  question.user_name = terms.user_name;
  question.method = terms.method;
  question.data = data;
  question.again = true;
  question.transport = where_.transport;
  question.peer = where_.peer;
  question.identity = where_.identity;
  question.policy = where_.policy;
  post(terms.authenticator, std::move(question), context());
  update_alarm(); // it may not take for ever
}

void session::on(verdict& message) {
  if (message.attempt == asked_anew_)
    state_.authenticated(message);
  settle();
}

// The channel is gone, but what it sent before still counts: a DISCONNECT perhaps.
void session::lose_channel() {
  channel_ = {};
  state_.peer_gone();
  ending_ = true;
  read_held();
}

void session::on(subscribed& message) {
  if (message.link != link_)
    return;
  state_.subscribed(message);
  read_held();
}

void session::on(unsubscribed& message) {
  if (message.link != link_)
    return;
  state_.unsubscribed(message);
  read_held();
}

void session::on(end_session& message) {
  ended_by_broker_ = true;
  state_.end(message.reason);
  if (message.reason != protocol::reason_code::server_shutting_down)
    pass_on_undelivered();
  settle();
}

void session::on(alarm&) {
  alarm_at_.reset();
  auto was_over = state_.over();
  if (!state_.on_alarm() && !was_over)
    count(bus_->counters.clients_expired);
  settle();
}

void session::retain(message_ptr value) {
  retain_messages message;
  message.values.push_back(std::move(value));
  message.source = *source_;
  post(broker_, std::move(message), context());
}

void session::subscribe(subscribe_request request) {
  request.subscriber_id = self_->id;
  request.link = link_;
  post(broker_, std::move(request), context());
}

void session::unsubscribe(unsubscribe_request request) {
  request.subscriber_id = self_->id;
  request.link = link_;
  post(broker_, std::move(request), context());
}

void session::close_channel(protocol::reason_code reason) {
  close_wanted_ = true;
  close_reason_ = reason;
  auto is_news =
      protocol::is_error(reason) && reason != protocol::reason_code::server_shutting_down;
  if (is_news && bus_->events)
    post(bus_->events, make_event(bus_event::kind::closed, where_, state_.client_id(), reason),
         context());
}

void session::dropped(protocol::reason_code why) {
  count(bus_->counters.publishes_dropped);
  session_counters::add(counters_.dropped, 1);
  ++drops_;
  drop_reason_ = why;
}

// A session that drops much says so once a second.
void session::report_drops() {
  if (now() < next_drop_report_ || !bus_->events)
    return;
  next_drop_report_ = now() + std::chrono::seconds{1};
  post(bus_->events,
       make_event(bus_event::kind::dropped, where_, state_.client_id(), drop_reason_,
                  std::exchange(drops_, 0)),
       context());
}

session_figures session::describe() const {
  auto read = [](const session_counters::counter& from) {
    return from.load(std::memory_order_relaxed);
  };
  session_figures result;
  result.transport = where_.transport;
  result.peer = where_.peer;
  if (where_.policy)
    result.listener = where_.policy->name;
  result.traffic = {read(counters_.messages_in), read(counters_.messages_out),
                    read(counters_.bytes_in), read(counters_.bytes_out), read(counters_.dropped)};
  state_.describe(result);
  return result;
}

void session::on(describe_session& question) {
  session_described answer{self_->id, question.round, describe()};
  answer.figures.subscriptions = question.subscriptions;
  answer.figures.filters = std::move(question.filters);
  post(question.board, std::move(answer), context());
}

// Keeps the bus's totals, and what publishers look at, up to date.
void session::report_queue() {
  auto messages = state_.queued_messages() + state_.inflight_messages();
  auto bytes = state_.stored_bytes();
  auto& totals = *bus_->outbound;
  if (auto before = std::exchange(reported_messages_, messages); before != messages) {
    totals.queued_messages.fetch_add(messages - before, std::memory_order_relaxed);
    counters_.stored.store(messages, std::memory_order_relaxed);
  }
  if (auto before = std::exchange(reported_bytes_, bytes); before != bytes)
    totals.queued_bytes.fetch_add(bytes - before, std::memory_order_relaxed);
  announce_full(state_.queue_full());
}

void session::announce_full(bool is_full) {
  if (self_->full.load(std::memory_order_relaxed) == is_full)
    return;
  self_->full.store(is_full, std::memory_order_relaxed);
  if (is_full)
    bus_->full_sessions.fetch_add(1, std::memory_order_relaxed);
  else
    bus_->full_sessions.fetch_sub(1, std::memory_order_relaxed);
}

void session::flush() {
  while (channel_) {
    state_.pump();
    if (!held_.empty() && state_.may_receive())
      read_held();
    flush_to_client();
    auto waits = channel_ && state_.outbound_full() && (state_.has_waiting() || !held_.empty());
    if (!waits || meter_->wait(state_.outbound_limit()))
      return;
  }
}

void session::on_batch_end() {
  flush();
  if (drops_ != 0)
    report_drops();
  report_queue();
}

void session::flush_to_client() {
  if (state_.to_client.empty())
    return;
  if (!channel_) {
    state_.to_client.clear();
    return;
  }
  auto bytes = state_.to_client.size_bytes();
  meter_->add(bytes);
  count(bus_->counters.bytes_sent, bytes);
  session_counters::add(counters_.bytes_out, bytes);
  auto others = std::exchange(state_.to_client.other_packets, 0);
  if (auto packets = others + state_.publishes_sent; packets > 0)
    count(bus_->counters.packets_sent, packets);
  if (auto messages = std::exchange(state_.publishes_sent, 0); messages > 0) {
    count(bus_->counters.publishes_sent, messages);
    session_counters::add(counters_.messages_out, messages);
  }
  state_.to_client.take([this](frame&& packets) {
    packets.link = attempt_;
    post(channel_, std::move(packets), context());
  });
}

void session::leave_channel(protocol::reason_code reason) {
  if (channel_) {
    flush_to_client();
    post(channel_, actorbus::close_channel{reason, {}, attempt_}, context());
    channel_ = {};
  }
  if (state_.attached()) {
    self_->online.store(false, std::memory_order_relaxed);
    bus_->counters.clients_connected.fetch_sub(1, std::memory_order_relaxed);
    state_.detach(reason);
    if (bus_->keep_left)
      post(bus_->figures, session_described{self_->id, 0, describe()}, context());
  }
  held_.clear();
  ending_ = false;
  asked_anew_ = 0;
  where_ = {};
  meter_.reset();
}

// What follows from a handler that may have changed the connection or the session's life.
void session::settle() {
  if (std::exchange(close_wanted_, false))
    leave_channel(close_reason_);
  if (ended_by_broker_) {
    quit();
    return;
  }
  if (state_.over() && !std::exchange(reported_over_, true))
    post(broker_, session_ended{self_->id, link_, false}, context());
  update_alarm();
}

// Only an earlier time is set anew; for a later one the old alarm looks again when it comes. So
// keep-alive costs two messages each time it might have run out, and none a packet.
void session::update_alarm() {
  auto next = state_.next_alarm();
  if (!next) {
    if (alarm_at_)
      post(bus_->timekeeper, cancel_alarm{id()}, context());
    alarm_at_.reset();
    return;
  }
  if (alarm_at_ && *alarm_at_ <= *next)
    return;
  alarm_at_ = next;
  post(bus_->timekeeper, set_alarm{caf::actor_cast<caf::actor>(ctrl()), *next}, context());
}

void session::on_exit() {
  next_drop_report_ = {};
  if (drops_ != 0)
    report_drops();
  leave_channel(protocol::reason_code::unspecified_error);
  if (alarm_at_)
    post(bus_->timekeeper, cancel_alarm{id()}, context());
  if (!ended_by_broker_)
    post(broker_, session_ended{self_->id, link_, true}, context());
  // The routing table may hold on to this actor for a while: not to what it kept.
  state_.clear();
  report_queue();
  announce_full(false);
  if (!bridge_.empty())
    bus_->bridges.remove(std::exchange(bridge_, {}));
  self_.reset();
  broker_ = {};
  bus_.reset();
}

} // namespace actorbus
