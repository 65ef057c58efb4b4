#include <actorbus/actors/client_actor.hpp>

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

client_actor::client_actor(caf::actor_config& config, caf::actor gateway, caf::actor timekeeper,
                           client_options options, client_events events)
    : batch_actor(config, nullptr),
      gateway_(std::move(gateway)),
      timekeeper_(std::move(timekeeper)),
      credit_(std::make_shared<credit_account>(options.credit_bytes)),
      state_(std::move(options), std::move(events), credit_) {
  credit_->owner(caf::actor_cast<caf::actor>(ctrl()));
}

bool client_actor::on_message(caf::mailbox_element& element) {
  return match_message<frame, publish_request, outbound_drained, credit_granted, session_opened,
                       close_channel, connect_request, subscribe_filters, unsubscribe_filters,
                       disconnect_request, alarm>(element, [this](auto& message) { on(message); });
}

void client_actor::on(connect_request& request) {
  if (connecting_ || session_) {
    if (request.done)
      request.done({reason_code::protocol_error, "connected already"});
    return;
  }
  connecting_ = true;
  state_.connect(std::move(request.done));
  meter_ = std::make_shared<outbound_meter>();
  state_.to_broker.take([this](frame&& packet) {
    post(gateway_,
         open_session{{caf::actor_cast<caf::actor>(ctrl()), "memory", name(), meter_, nullptr},
                      std::move(packet)},
         context());
  });
  arm(state_.options().connect_timeout);
}

void client_actor::on(publish_request& request) {
  if (!session_ && !connecting_) {
    if (request.done)
      request.done(not_connected());
    return;
  }
  state_.publish(std::move(request.message), std::move(request.done));
}

void client_actor::on(subscribe_filters& request) {
  if (state_.connected())
    state_.subscribe(request.filters, request.properties, std::move(request.done));
  else if (request.done)
    request.done(not_connected());
}

void client_actor::on(unsubscribe_filters& request) {
  if (state_.connected())
    state_.unsubscribe(request.filters, std::move(request.done));
  else if (request.done)
    request.done(not_connected());
}

void client_actor::on(disconnect_request& request) {
  state_.pump();
  state_.disconnect(request.reason, request.properties);
  flush();
  if (session_)
    post(session_, channel_closed{link_, reason_code::success}, context());
  session_ = {};
  state_.lost({reason_code::success, "disconnected"});
  if (request.done)
    request.done({});
  quit();
}

void client_actor::on(session_opened& message) {
  session_ = std::move(message.session);
  link_ = message.link;
}

void client_actor::on(frame& packets) {
  auto bytes = packets.size;
  state_.receive(packets);
  if (meter_ && meter_->take(bytes) && session_)
    post(session_, outbound_drained{}, context());
  if (state_.failure) {
    close(*state_.failure);
    return;
  }
  if (connecting_ && state_.connected()) {
    connecting_ = false;
    if (state_.keep_alive_seconds() != 0)
      arm(std::chrono::seconds{state_.keep_alive_seconds()});
  }
}

void client_actor::on(close_channel& message) {
  auto code =
      message.reason == reason_code::success ? reason_code::server_unavailable : message.reason;
  auto text = message.text.empty() ? std::string{protocol::to_string(code)} : message.text;
  session_ = {};
  close({code, std::move(text)});
}

void client_actor::close(const outcome& why) {
  flush();
  if (session_)
    post(session_, channel_closed{link_, reason_code::success}, context());
  session_ = {};
  connecting_ = false;
  state_.lost(why);
  quit();
}

void client_actor::on(alarm&) {
  alarmed_ = false;
  if (connecting_) {
    close({reason_code::server_unavailable, "no answer to CONNECT in time"});
    return;
  }
  if (std::exchange(waits_for_credit_, false) && credit_->exhausted())
    credit_->forgive(); // somebody holds what was sent and doesn't give it back
  if (!state_.connected() || state_.keep_alive_seconds() == 0)
    return;
  auto interval = std::chrono::seconds{state_.keep_alive_seconds()};
  auto idle = now() - last_sent_;
  if (idle < interval) {
    arm(std::chrono::duration_cast<std::chrono::milliseconds>(interval - idle));
    return;
  }
  if (state_.awaits_ping()) {
    close({reason_code::keep_alive_timeout, "no answer to PINGREQ in time"});
    return;
  }
  state_.ping();
  arm(interval);
}

void client_actor::arm(std::chrono::milliseconds delay) {
  alarmed_ = true;
  post(timekeeper_, set_alarm{caf::actor_cast<caf::actor>(ctrl()), now() + delay}, context());
}

void client_actor::on_batch_end() {
  state_.pump();
  flush();
  while (state_.connected() && state_.has_work() && credit_->exhausted() && !credit_->wait()) {
    state_.pump();
    flush();
  }
  auto waits = state_.connected() && state_.has_work() && credit_->exhausted();
  if (waits && !std::exchange(waits_for_credit_, true))
    arm(credit_patience);
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

void client_actor::on_exit() {
  if (session_)
    post(session_, channel_closed{link_, reason_code::success}, context());
  if (alarmed_)
    post(timekeeper_, cancel_alarm{id()}, context());
  credit_->close();
  // Whoever still holds a handle keeps this object, and would wait for its completions.
  state_.abandon({reason_code::server_unavailable, "disconnected"});
  session_ = {};
  gateway_ = {};
}

} // namespace actorbus
