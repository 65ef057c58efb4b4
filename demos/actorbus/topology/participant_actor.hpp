#pragma once

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/messages.hpp>

#include "topology/topology.hpp"

namespace actorbus::demos {

/// Client's actor to its owner: the broker's answer to CONNECT, then to SUBSCRIBE.
struct client_connected {
  outcome result;
};
struct client_subscribed {
  outcome result;
};
/// Client's actor to its owner: the connection that was up is gone.
struct client_lost {
  outcome why;
};
/// Client's actor to its owner: a message came.
struct client_received {
  incoming_message message;
};

/// To the terminal's actor: a line to show.
struct print_line {
  std::string text;
};

/// The events of a client, as messages to the actor that owns it.
client_events events_to(const caf::actor& owner);

/// Connects a participant to the bus, over a client's actor of its own, and tells it what happens.
class participant_actor final : public batch_actor {
public:
  /// @param home     outlives the actor
  /// @param terminal gets `print_line`
  participant_actor(caf::actor_config& config, bus& home, participant_settings settings,
                    caf::actor terminal);

  const char* name() const override { return "actorbus.participant"; }

private:
  void on_start() override;
  bool on_message(caf::mailbox_element& element) override;
  void on_batch_end() override;
  void on_exit() override;

  void on(client_connected& message);
  void on(client_subscribed& message);
  void on(client_lost& message);
  void on(client_received& message);
  void on(alarm&);

  void begin();
  void give_up(const std::string& doing, const outcome& why);
  caf::actor self() { return caf::actor_cast<caf::actor>(ctrl()); }

  bus& bus_;
  participant_settings settings_;
  caf::actor terminal_;
  caf::actor client_;
  participant_effects effects_;
};

} // namespace actorbus::demos

ACTORBUS_LOCAL_MESSAGE(actorbus::demos::client_connected)
ACTORBUS_LOCAL_MESSAGE(actorbus::demos::client_subscribed)
ACTORBUS_LOCAL_MESSAGE(actorbus::demos::client_lost)
ACTORBUS_LOCAL_MESSAGE(actorbus::demos::client_received)
ACTORBUS_LOCAL_MESSAGE(actorbus::demos::print_line)
