#pragma once

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/client_state.hpp>
#include <actorbus/actors/messages.hpp>

namespace actorbus {

/// Requests to a client actor. Each is answered by calling `done` on the client's actor.
struct connect_request {
  completion done;
};
struct publish_request {
  outgoing_message message;
  completion done;
};
struct subscribe_filters {
  std::vector<subscribe_options> filters;
  protocol::property_list properties{};
  completion done;
};
struct unsubscribe_filters {
  std::vector<std::string> filters;
  completion done;
};
struct disconnect_request {
  protocol::reason_code reason{};
  protocol::property_list properties{};
  completion done;
};

/// An MQTT client as an actor, over any channel: its gateway is the bus's broker for one inside
/// the program, or a connector that has the broker's face for one across a network.
///
/// Ends when it was told to disconnect or when the link is lost; a client that dies is a lost
/// connection for the broker, which sends its will.
class client_actor : public batch_actor {
public:
  /// @param gateway    whom to send `open_session`
  /// @param timekeeper for keep-alive and the connect time-out
  client_actor(caf::actor_config& config, caf::actor gateway, caf::actor timekeeper,
               client_options options, client_events events);

  const char* name() const override { return "actorbus.client"; }

protected:
  bool on_message(caf::mailbox_element& element) override;
  void on_batch_end() override;
  void on_exit() override;

private:
  void on(frame& packets);
  void on(connect_request& request);
  void on(publish_request& request);
  void on(subscribe_filters& request);
  void on(unsubscribe_filters& request);
  void on(disconnect_request& request);
  void on(session_opened& message);
  void on(close_channel& message);
  void on(outbound_drained&) {}
  void on(credit_granted&) {}
  void on(alarm&);

  void flush();
  void close(const outcome& why);
  void arm(std::chrono::milliseconds delay);

  caf::actor gateway_;
  caf::actor timekeeper_;
  caf::actor session_;
  credit_account_ptr credit_;
  std::shared_ptr<outbound_meter> meter_;
  client_state state_;
  std::uint32_t link_ = 0;
  bool connecting_ = false;
  bool alarmed_ = false;
  bool waits_for_credit_ = false;
  time_point last_sent_{};
};

} // namespace actorbus

ACTORBUS_LOCAL_MESSAGE(actorbus::connect_request)
ACTORBUS_LOCAL_MESSAGE(actorbus::publish_request)
ACTORBUS_LOCAL_MESSAGE(actorbus::subscribe_filters)
ACTORBUS_LOCAL_MESSAGE(actorbus::unsubscribe_filters)
ACTORBUS_LOCAL_MESSAGE(actorbus::disconnect_request)
