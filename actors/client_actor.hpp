#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include <actorbus/actors/back_off.hpp>
#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/client_requests.hpp>
#include <actorbus/actors/client_state.hpp>
#include <actorbus/actors/messages.hpp>

namespace actorbus {

/// Finds the gateway to where a broker sends its client.
/// @param from      the gateway of the broker that said so
/// @param reference its Server Reference
/// @returns why not, in words, where it can't be used or would be less secure
using redirection = std::function<protocol::expected<caf::actor, std::string>(
    const caf::actor& from, const std::string& reference)>;

/// What a client's actor is made with.
struct client_setup {
  std::vector<caf::actor> gateways; ///< whom to send `open_session`, tried in turn; at least one
  caf::actor timekeeper;            ///< for keep-alive, time-outs and delays
  client_options options{};
  client_events events{};
  caf::actor owner{};     ///< the client ends when this actor does, as a lost connection
  redirection redirect{}; ///< none: `client_options::redirects_max` has no effect
};

/// An MQTT client as an actor, over any channel: its gateway is the bus's broker for one inside
/// the program, or a connector that has the broker's face for one across a network.
///
/// Ends with `exit_reason::normal` when it was told to disconnect, and with
/// `exit_reason::remote_link_unreachable` when it was turned away, or when its link was lost or whom
/// it connects to is gone, and `client_options::reconnect` does not say to try again; so whoever
/// monitors or links to it learns which it was. A client that dies, or whose owner does, is a lost
/// connection for the broker, which sends its will.
///
/// Handlers, events and completions run on this actor.
class client_actor : public batch_actor {
public:
  client_actor(caf::actor_config& config, client_setup setup);

  /// One gateway, no owner.
  client_actor(caf::actor_config& config, caf::actor gateway, caf::actor timekeeper,
               client_options options, client_events events);

  const char* name() const override { return "actorbus.client"; }

protected:
  void on_start() override;
  bool on_message(caf::mailbox_element& element) override;
  void on_batch_end() override;
  void on_down(caf::down_msg& message) override;
  void on_exit() override;

private:
  enum class stage : std::uint8_t {
    idle,       ///< no `connect_request` yet
    connecting, ///< to a gateway
    connected,
    pausing, ///< between two attempts
    ended,
  };

  void on(frame& packets);
  void on(connect_request& request);
  void on(publish_request& request);
  void on(publish_prepared& request);
  void on(subscribe_filters& request);
  void on(unsubscribe_filters& request);
  void on(disconnect_request& request);
  void on(reauthenticate_request& request);
  void on(acknowledge_message& message);
  void on(session_opened& message);
  void on(close_channel& message);
  void on(outbound_drained&) {}
  void on(credit_granted&) { credit_since_.reset(); }
  void on(receive_more&) { take_held(); }
  void on(call_later& message);
  void on(alarm&);

  void on_bounce(caf::message_id of);
  completion answer_to(const caf::mailbox_element& request, completion also);
  bool takes_requests() const noexcept {
    return stage_ != stage::idle && stage_ != stage::ended && !leaving_;
  }

  // client_link.cpp: one connection after the other
  void open();
  void link_lost(outcome why, bool final);
  void pause(const outcome& why, bool at_once);
  bool follow(outcome& why);
  const caf::actor& gateway() const noexcept { return detour_ ? detour_ : gateways_[gateway_]; }
  void end(const outcome& why, bool regular);
  void leave();
  void tell_ended(const outcome& why) const;
  void forget_session(bool tell);

  void pump();
  void flush();
  void take_held();
  std::optional<time_point> ping_at() const;
  void update_alarm();

  // Sends a request: an error comes back if `of` is gone. To monitor the one broker of so many
  // clients would make each of them pay for all.
  template <class T>
  caf::message_id ask(const caf::actor& of, T&& message) {
    auto id = new_request_id(caf::message_priority::normal);
    caf::actor_cast<caf::abstract_actor*>(of)->enqueue(
        caf::make_mailbox_element(caf::strong_actor_ptr{ctrl()}, id, {}, std::forward<T>(message)),
        context());
    return id.response_id();
  }

  std::vector<caf::actor> gateways_;
  caf::actor timekeeper_;
  caf::actor owner_;
  redirection redirect_;
  caf::actor detour_; ///< in use instead of `gateways_`: a broker sent us there for now
  caf::actor session_;
  credit_account_ptr credit_;
  std::shared_ptr<outbound_meter> meter_;
  client_state state_;
  std::optional<back_off> back_off_;
  completion connect_done_;
  std::optional<outcome> answer_;             ///< what this attempt's CONNECT came to
  std::optional<disconnect_request> leaving_; ///< waits until everything before it is done
  std::multimap<time_point, std::function<void()>> later_;
  std::optional<time_point> give_up_at_;   ///< connecting, or leaving
  std::optional<time_point> again_at_;     ///< pausing
  std::optional<time_point> credit_since_; ///< waits for credit without a break since then
  std::optional<time_point> alarm_at_;
  std::size_t gateway_ = 0;     ///< the one in use, or to be tried next
  std::size_t tried_ = 0;       ///< gateways, in this round
  std::uint32_t redirects_ = 0; ///< followed since the last pause
  std::size_t held_bytes_ = 0;  ///< received, but not taken from the meter: the owner is full
  caf::message_id opening_;     ///< comes back if nobody is there to connect to
  time_point last_sent_{};
  std::uint32_t link_ = 0;
  std::uint32_t attempt_ = 0; ///< counts the links
  stage stage_ = stage::idle;
  bool stood_in_ = false; ///< `session_` is only there until the client is let in
};

} // namespace actorbus
