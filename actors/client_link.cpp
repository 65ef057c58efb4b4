// A client's connections, one after the other.

#include <actorbus/actors/client_actor.hpp>

#include <actorbus/actors/handler_scope.hpp>
#include <actorbus/actors/outbound_meter.hpp>

namespace actorbus {

using protocol::reason_code;

namespace {

// What a broker says that it would say again: to come back would be of no use, or do harm.
bool is_final(const outcome& why) noexcept {
  if (!why.by_peer)
    return why.code == reason_code::implementation_specific_error || // a handler threw
           why.code == reason_code::not_authorized;                  // the broker isn't trusted
  switch (why.code) {
  case reason_code::malformed_packet:
  case reason_code::protocol_error:
  case reason_code::unsupported_protocol_version:
  case reason_code::client_identifier_not_valid:
  case reason_code::bad_user_name_or_password:
  case reason_code::not_authorized:
  case reason_code::banned:
  case reason_code::bad_authentication_method:
  case reason_code::session_taken_over: // the two would take each other's place for ever
  case reason_code::topic_name_invalid:
  case reason_code::packet_too_large:
  case reason_code::retain_not_supported:
  case reason_code::qos_not_supported: return true;
  default: return false;
  }
}

} // namespace

void client_actor::open() {
  again_at_.reset();
  stage_ = stage::connecting;
  tried_ += detour_ ? 0 : 1;
  answer_.reset();
  held_bytes_ = 0;
  link_ = 0;
  stood_in_ = false;
  ++attempt_;
  meter_ = std::make_shared<outbound_meter>();
  state_.connect([this](outcome result) { answer_ = std::move(result); });
  if (state_.failure) {
    link_lost(*state_.failure, true);
    return;
  }
  state_.to_broker.take([this](frame&& packet) {
    auto caller = caf::actor_cast<caf::actor>(ctrl());
    opening_ = ask(gateway(), open_session{{.channel = std::move(caller),
                                            .transport = "memory",
                                            .peer = name(),
                                            .meter = meter_,
                                            .attempt = attempt_},
                                           std::move(packet)});
  });
  last_sent_ = now();
  if (!leaving_)
    give_up_at_ = last_sent_ + state_.options().connect_timeout;
}

void client_actor::on(session_opened& message) {
  auto is_late = message.attempt != 0 && message.attempt != attempt_;
  auto has_session = session_ && !stood_in_;
  if (stage_ != stage::connecting || has_session || is_late) {
    // Of an attempt that was given up; whoever comes late is told so.
    post(message.session, channel_closed{message.link, reason_code::success}, context());
    return;
  }
  session_ = std::move(message.session);
  link_ = message.link;
  stood_in_ = message.stands_in;
  if (!stood_in_)
    monitor(session_);
}

void client_actor::on(close_channel& message) {
  auto is_late = message.attempt != 0 && message.attempt != attempt_;
  if (is_late || (stage_ != stage::connecting && stage_ != stage::connected))
    return;
  auto code =
      message.reason == reason_code::success ? reason_code::server_unavailable : message.reason;
  auto text = message.text.empty() ? std::string{protocol::to_string(code)} : message.text;
  forget_session(false);
  outcome why{code, std::move(text)};
  why.by_peer = message.text.empty() && code == reason_code::session_taken_over;
  link_lost(why, false);
}

void client_actor::on_down(caf::down_msg& message) {
  handler_scope scope;
  if (owner_ && message.source == owner_) {
    owner_ = {};
    end({reason_code::server_unavailable, "the client's owner is gone"}, false);
  } else if (session_ && message.source == session_) {
    forget_session(false);
    link_lost({reason_code::server_unavailable, "the session is gone"}, false);
  }
}

// Whom it was for has ended, or had before.
void client_actor::on_bounce(caf::message_id of) {
  if (stage_ == stage::ended)
    return;
  if (of != opening_) {
    end({reason_code::server_unavailable, "the timekeeper is gone"}, false);
    return;
  }
  if (stage_ != stage::connecting || session_)
    return;
  if (std::exchange(detour_, {})) {
    link_lost({reason_code::server_unavailable, "where the broker sent us is gone"}, false);
    return;
  }
  // An actor that has ended never comes back.
  gateways_.erase(gateways_.begin() + static_cast<std::ptrdiff_t>(gateway_));
  if (gateway_ >= gateways_.size())
    gateway_ = 0;
  tried_ -= tried_ > 0 ? 1 : 0;
  outcome why{reason_code::server_unavailable, "whom to connect to is gone"};
  if (gateways_.empty())
    link_lost(why, true);
  else
    pause(why, tried_ < gateways_.size());
}

void client_actor::link_lost(outcome why, bool final) {
  flush();
  forget_session(true);
  auto was_connected = stage_ == stage::connected;
  if (!final && !leaving_ && follow(why))
    return;
  detour_ = {};
  if (final || is_final(why) || leaving_) {
    end(why, false);
    return;
  }
  auto tries_next = !was_connected && tried_ < gateways_.size();
  if (!back_off_ && !tries_next) {
    end(why, false);
    return;
  }
  if (!was_connected || gateways_.size() > 1)
    gateway_ = (gateway_ + 1) % gateways_.size();
  pause(why, tries_next);
}

// Goes where the broker says, at once. @returns whether; if not `why` may say why not
bool client_actor::follow(outcome& why) {
  auto moved = why.code == reason_code::server_moved;
  if (!why.by_peer || (!moved && why.code != reason_code::use_another_server) || !redirect_ ||
      why.server_reference.empty() || state_.options().redirects_max == 0)
    return false;
  if (redirects_ >= state_.options().redirects_max) {
    why.text += "; sent on too often";
    return false;
  }
  auto target = redirect_(gateway(), why.server_reference);
  if (!target) {
    why.text += "; not followed: " + target.error();
    return false;
  }
  ++redirects_;
  if (moved && !detour_)
    gateways_[gateway_] = std::move(*target);
  else
    detour_ = std::move(*target);
  state_.lost(why);
  open();
  return true;
}

// All gateways are tried at once, one after the other; then it waits.
void client_actor::pause(const outcome& why, bool at_once) {
  stage_ = stage::pausing;
  give_up_at_.reset();
  credit_since_.reset();
  reconnect_notice notice;
  notice.why = why;
  state_.lost(why);
  if (at_once || !back_off_) {
    open();
    return;
  }
  if (!back_off_->may_go_on()) {
    end(why, false);
    return;
  }
  tried_ = 0;
  redirects_ = 0;
  notice.delay = back_off_->next();
  notice.attempt = back_off_->attempts();
  again_at_ = now() + notice.delay;
  if (const auto& tell = state_.events().on_reconnecting)
    tell(notice);
}

void client_actor::leave() {
  auto leaves_behind = state_.has_work() || state_.has_unanswered();
  state_.disconnect(leaving_->reason, leaving_->properties);
  flush();
  auto done = std::exchange(leaving_->done, nullptr);
  end({reason_code::server_unavailable, "disconnected"}, true); // for what was not answered
  if (done && leaves_behind)
    done({.code = reason_code::unspecified_error,
          .text = "disconnected, and left behind what was not answered",
          .how = ending::timed_out});
  else if (done)
    done({});
}

void client_actor::end(const outcome& why, bool regular) {
  if (stage_ == stage::ended)
    return;
  flush();
  forget_session(true);
  stage_ = stage::ended;
  give_up_at_.reset();
  again_at_.reset();
  credit_since_.reset();
  state_.abandon(why);
  if (auto done = std::exchange(connect_done_, nullptr))
    done(why);
  tell_ended(regular ? outcome{.text = "disconnected"} : why);
  if (auto request = std::exchange(leaving_, std::nullopt); request && request->done)
    request->done(regular ? outcome{} : why);
  quit(regular ? caf::exit_reason::normal : caf::exit_reason::remote_link_unreachable);
}

void client_actor::tell_ended(const outcome& why) const {
  if (const auto& tell = state_.events().on_ended)
    tell(why);
}

void client_actor::forget_session(bool tell) {
  if (!session_)
    return;
  if (tell)
    post(session_, channel_closed{link_, reason_code::success}, context());
  demonitor(session_);
  session_ = {};
}

void client_actor::on_exit() {
  handler_scope scope;
  forget_session(true);
  if (alarm_at_)
    post(timekeeper_, cancel_alarm{id()}, context());
  if (owner_)
    demonitor(owner_);
  credit_->close();
  // Whoever still holds a handle keeps this object, and would wait for its completions.
  auto is_new = std::exchange(stage_, stage::ended) != stage::ended;
  outcome why{reason_code::server_unavailable, "disconnected"};
  state_.abandon(why);
  if (auto done = std::exchange(connect_done_, nullptr))
    done(why);
  if (auto request = std::exchange(leaving_, std::nullopt); request && request->done)
    request->done(why);
  if (is_new)
    tell_ended(why);
  state_.forget_handlers();
  later_.clear();
  gateways_.clear();
  detour_ = {};
  redirect_ = {};
  owner_ = {};
}

} // namespace actorbus
