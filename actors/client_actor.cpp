#include <actorbus/actors/client_actor.hpp>

#include <algorithm>

#include <actorbus/actors/handler_scope.hpp>
#include <actorbus/actors/outbound_meter.hpp>

namespace actorbus {

using protocol::reason_code;

namespace {

/// How long a receiver that doesn't read may hold a publisher up.
constexpr std::chrono::milliseconds credit_patience{1'000};

outcome not_connected() {
  return {reason_code::server_unavailable, "not connected"};
}

} // namespace

client_events events_to(const caf::actor& owner) {
  client_events events;
  events.on_message = [owner](const incoming_message& message) {
    post(owner, to_keep(message), nullptr);
  };
  events.on_connected = [owner](const outcome& result) {
    post(owner, client_connected{result}, nullptr);
  };
  events.on_disconnected = [owner](const outcome& why) {
    post(owner, client_disconnected{why}, nullptr);
  };
  events.on_reconnecting = [owner](const reconnect_notice& notice) {
    post(owner, client_reconnecting{notice}, nullptr);
  };
  events.on_ended = [owner](const outcome& why) { post(owner, client_ended{why}, nullptr); };
  events.on_fault = [owner](const outcome& what) { post(owner, client_fault{what}, nullptr); };
  return events;
}

client_actor::client_actor(caf::actor_config& config, client_setup setup)
    : batch_actor(config, nullptr),
      gateways_(std::move(setup.gateways)),
      timekeeper_(std::move(setup.timekeeper)),
      owner_(std::move(setup.owner)),
      redirect_(std::move(setup.redirect)),
      credit_(std::make_shared<credit_account>(setup.options.credit_bytes)),
      state_(std::move(setup.options), std::move(setup.events), credit_, [this] { return now(); }) {
  credit_->owner(caf::actor_cast<caf::actor>(ctrl()));
  const auto& options = state_.options();
  if (options.reconnect)
    back_off_.emplace(*options.reconnect,
                      options.seed != 0 ? options.seed : std::random_device{}());
}

client_actor::client_actor(caf::actor_config& config, caf::actor gateway, caf::actor timekeeper,
                           client_options options, client_events events)
    : client_actor(config, client_setup{{std::move(gateway)},
                                        std::move(timekeeper),
                                        std::move(options),
                                        std::move(events)}) {}

void client_actor::on_start() {
  if (owner_)
    monitor(owner_);
}

bool client_actor::on_message(caf::mailbox_element& element) {
  handler_scope scope;
  if (element.mid.is_response()) {
    if (element.content().match_elements<caf::error>())
      on_bounce(element.mid);
    return true;
  }
  return match_message<frame, publish_request, outbound_drained, credit_granted,
                       acknowledge_message, publish_prepared, session_opened, close_channel,
                       connect_request, subscribe_filters, unsubscribe_filters, disconnect_request,
                       reauthenticate_request, receive_more, call_later, alarm>(
      element, [&](auto& message) {
        if constexpr (requires { message.done; })
          if (element.mid.is_request())
            message.done = answer_to(element, std::move(message.done));
        on(message);
      });
}

// What CAF's `request` waits for.
completion client_actor::answer_to(const caf::mailbox_element& request, completion also) {
  return [this, to = request.sender, id = request.mid.response_id(),
          also = std::move(also)](const outcome& result) {
    if (also)
      also(result);
    if (to)
      to->get()->enqueue(
          caf::make_mailbox_element(caf::strong_actor_ptr{ctrl()}, id, {}, outcome{result}),
          context());
  };
}

// -- requests ------------------------------------------------------------------------------------

void client_actor::on(connect_request& request) {
  if (stage_ != stage::idle) {
    if (request.done)
      request.done({reason_code::protocol_error, "connected already"});
    return;
  }
  connect_done_ = std::move(request.done);
  if (auto fault = state_.fault_of_options()) {
    end(*fault, false);
    return;
  }
  open();
}

void client_actor::on(publish_request& request) {
  if (takes_requests())
    state_.publish(std::move(request.message), std::move(request.done));
  else if (request.done)
    request.done(not_connected());
}

void client_actor::on(publish_prepared& request) {
  if (takes_requests())
    state_.publish(std::move(request.message), std::move(request.done));
  else if (request.done)
    request.done(not_connected());
}

void client_actor::on(subscribe_filters& request) {
  if (takes_requests())
    state_.subscribe(request.filters, request.properties, std::move(request.done),
                     std::move(request.handler));
  else if (request.done)
    request.done(not_connected());
}

void client_actor::on(unsubscribe_filters& request) {
  if (takes_requests())
    state_.unsubscribe(request.filters, std::move(request.done));
  else if (request.done)
    request.done(not_connected());
}

// What was asked before is done first: see `on_batch_end`.
void client_actor::on(disconnect_request& request) {
  if (leaving_) {
    if (request.done)
      request.done({reason_code::protocol_error, "disconnecting already"});
    return;
  }
  leaving_ = std::move(request);
  give_up_at_ = now() + leaving_->timeout.value_or(state_.options().leave_timeout);
}

void client_actor::on(reauthenticate_request& request) {
  if (takes_requests())
    state_.reauthenticate(std::move(request.done));
  else if (request.done)
    request.done(not_connected());
}

void client_actor::on(acknowledge_message& message) {
  state_.acknowledge(message.packet_id, message.connection, message.code);
}

void client_actor::on(call_later& message) {
  later_.emplace(now() + message.delay, std::move(message.what));
}

// -- traffic -------------------------------------------------------------------------------------

void client_actor::on(frame& packets) {
  auto is_late = packets.link != 0 && packets.link != attempt_;
  if (is_late || (stage_ != stage::connecting && stage_ != stage::connected))
    return; // of a link that was given up
  held_bytes_ += packets.size;
  state_.receive(packets);
  take_held();
  if (state_.failure) {
    link_lost(*state_.failure, false);
    return;
  }
  if (stage_ != stage::connecting || !state_.connected())
    return;
  stage_ = stage::connected;
  tried_ = 0;
  if (back_off_)
    back_off_->reset();
  if (!leaving_)
    give_up_at_.reset();
  if (auto done = std::exchange(connect_done_, nullptr))
    done(std::move(*answer_));
}

void client_actor::take_held() {
  if (held_bytes_ == 0 || state_.owner_is_full())
    return;
  if (meter_ && meter_->take(std::exchange(held_bytes_, 0)) && session_)
    post(session_, outbound_drained{}, context());
}

void client_actor::pump() {
  state_.pump();
  flush();
  auto waits = [this] { return state_.connected() && state_.has_work() && credit_->exhausted(); };
  while (waits() && !credit_->wait()) {
    credit_since_.reset();
    state_.pump();
    flush();
  }
  if (!waits())
    credit_since_.reset();
  else if (!credit_since_)
    credit_since_ = now();
}

void client_actor::flush() {
  if (state_.to_broker.empty() || !session_)
    return;
  last_sent_ = now();
  state_.to_broker.take([this](frame&& packets) {
    packets.link = link_;
    post(session_, std::move(packets), context());
  });
}

void client_actor::on_batch_end() {
  handler_scope scope;
  if (stage_ != stage::ended)
    pump();
  auto may_finish = stage_ == stage::connecting || stage_ == stage::connected;
  if (leaving_ && !(may_finish && (state_.has_work() || state_.has_unanswered())))
    leave();
  update_alarm();
}

// -- time ----------------------------------------------------------------------------------------

void client_actor::on(alarm&) {
  alarm_at_.reset();
  auto time = now();
  while (!later_.empty() && later_.begin()->first <= time) {
    auto what = std::move(later_.begin()->second);
    later_.erase(later_.begin());
    what();
  }
  state_.drop_expired();
  if (give_up_at_ && time >= *give_up_at_) {
    if (leaving_)
      leave();
    else
      link_lost({reason_code::server_unavailable, "no answer to CONNECT in time"}, false);
    return;
  }
  if (again_at_ && time >= *again_at_) {
    open();
    return;
  }
  if (credit_since_ && time >= *credit_since_ + credit_patience) {
    if (credit_->exhausted())
      credit_->forgive(); // somebody holds what was sent and doesn't give it back
    credit_since_.reset();
  }
  if (auto due = ping_at(); !due || time < *due)
    return;
  // A full owner may have kept the answer from being read.
  if (state_.awaits_ping() && !state_.owner_is_full())
    link_lost({reason_code::keep_alive_timeout, "no answer to PINGREQ in time"}, false);
  else
    state_.ping();
}

std::optional<time_point> client_actor::ping_at() const {
  if (stage_ != stage::connected || state_.keep_alive_seconds() == 0)
    return std::nullopt;
  return last_sent_ + std::chrono::seconds{state_.keep_alive_seconds()};
}

// Only an earlier time is set anew; after a later one the old alarm looks again when it comes.
void client_actor::update_alarm() {
  if (stage_ == stage::ended)
    return;
  std::optional<time_point> next;
  auto consider = [&](std::optional<time_point> when) {
    if (when)
      next = next ? std::min(*next, *when) : *when;
  };
  consider(give_up_at_);
  consider(again_at_);
  consider(ping_at());
  if (credit_since_)
    consider(*credit_since_ + credit_patience);
  if (!later_.empty())
    consider(later_.begin()->first);
  if (state_.next_expiry() != time_point::max())
    consider(state_.next_expiry());
  if (!next || (alarm_at_ && *alarm_at_ <= *next))
    return;
  alarm_at_ = next;
  ask(timekeeper_, set_alarm{caf::actor_cast<caf::actor>(ctrl()), *next});
}

} // namespace actorbus
