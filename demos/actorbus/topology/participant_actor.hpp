#pragma once

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/client_requests.hpp>
#include <actorbus/actors/messages.hpp>

#include "topology/topology.hpp"

namespace actorbus::demos {

/// Client's actor to its owner: the broker's answer to SUBSCRIBE.
struct client_subscribed {
  outcome result;
};

/// To the terminal's actor: a line to show.
struct print_line {
  std::string text;
};

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
  void on(client_ended& message);
  void on(incoming_message& message);
  void on(alarm&);

  void begin();
  void give_up(const outcome& why);
  caf::actor self() { return caf::actor_cast<caf::actor>(ctrl()); }

  bus& bus_;
  participant_settings settings_;
  caf::actor terminal_;
  caf::actor client_;
  const char* doing_ = "connecting";
  participant_effects effects_;
};

} // namespace actorbus::demos

ACTORBUS_LOCAL_MESSAGE(actorbus::demos::client_subscribed)
ACTORBUS_LOCAL_MESSAGE(actorbus::demos::print_line)
