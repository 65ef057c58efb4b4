#pragma once

#include <deque>
#include <memory>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/client_requests.hpp>
#include <actorbus/actors/messages.hpp>

#include "topology/message_gate.hpp"
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
/// Makes it fail as its settings say: the client dies or leaves, the participant is forgotten and
/// made anew, or gets its messages one after the other.
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
  void on_down(caf::down_msg& message) override;
  void on_exit() override;

  void on(client_connected& message);
  void on(client_subscribed& message);
  void on(client_ended& message);
  void on(incoming_message& message);
  void on(alarm&);

  void connect();
  void begin();
  void change_condition(condition to);
  void leave(bool in_good_order);
  void take_turns();
  void handle(const incoming_message& message);
  void update_alarm();
  void say(const std::string& what);
  void give_up(const std::string& why);
  caf::actor self() { return caf::actor_cast<caf::actor>(ctrl()); }

  /// Has the participant do something; what it throws is the end of it.
  template <class F>
  void guarded(F what);

  bus& bus_;
  participant_settings settings_;
  caf::actor terminal_;
  failure_schedule failures_;
  std::unique_ptr<participant> role_; ///< none while it is stopped
  caf::actor client_;                 ///< null: none, or its predecessor has yet to end
  std::shared_ptr<message_gate> gate_;
  std::deque<incoming_message> backlog_; ///< came while it was slow, or not ready
  participant_effects effects_;
  const char* doing_ = "connecting";
  condition condition_{};
  std::uint32_t life_ = 0;
  bool leaving_ = false;  ///< the client was told to end, what it still says doesn't count
  bool is_ready_ = false; ///< connected and subscribed
  bool started_ = false;  ///< the participant was told
  std::optional<time_point> role_alarm_;
  std::optional<time_point> turn_at_; ///< slow: the next message's
  std::optional<time_point> alarm_at_;
};

} // namespace actorbus::demos

ACTORBUS_LOCAL_MESSAGE(actorbus::demos::client_subscribed)
ACTORBUS_LOCAL_MESSAGE(actorbus::demos::print_line)
