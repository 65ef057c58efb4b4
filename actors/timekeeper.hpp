#pragma once

#include <map>
#include <unordered_map>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/messages.hpp>

namespace actorbus {

/// Wakes others at their time: one alarm an actor, replaceable and cancellable, for the price of
/// two messages. (A delayed message of CAF's can't be taken back and keeps its receiver alive.)
class timekeeper : public batch_actor {
public:
  explicit timekeeper(caf::actor_config& config) : batch_actor(config, nullptr) {}

  const char* name() const override { return "actorbus.timekeeper"; }

protected:
  bool on_message(caf::mailbox_element& element) override;
  void on_batch_end() override;
  void on_exit() override;

private:
  using alarms = std::multimap<time_point, caf::actor>;

  void on(set_alarm& message);
  void on(cancel_alarm& message);
  void on(alarm&);
  void forget(caf::actor_id owner);

  alarms alarms_;
  std::unordered_map<caf::actor_id, alarms::iterator> by_owner_;
  time_point scheduled_{}; ///< when the clock will wake this actor; zero: not at all
};

} // namespace actorbus
