#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <actorbus/actors/caf.hpp>
#include <actorbus/actors/client_events.hpp>
#include <actorbus/actors/client_options.hpp>

#include "topology/wall_clock.hpp"

namespace actorbus::demos {

/// What a participant wants done after an event.
struct participant_effects {
  std::vector<outgoing_message> publishes;
  std::vector<std::string> lines;       ///< for the terminal
  std::optional<time_point> next_alarm; ///< call `on_alarm` then; replaces the one before
  std::optional<std::string> failed;    ///< it can't go on, and why: it ends
};

/// What a participant of a topology does, as plain code: no actor, no clock, no random numbers but
/// those it was made with. What its functions throw ends it.
class participant {
public:
  virtual ~participant() = default;

  /// What to subscribe before `start`.
  virtual std::vector<subscribe_options> subscriptions() const { return {}; }

  /// The client is connected and subscribed.
  virtual void start(time_point, participant_effects&) {}

  virtual void on_message(const incoming_message&, time_point, participant_effects&) {}

  virtual void on_alarm(time_point, participant_effects&) {}
};

/// What participants are made with.
struct participant_context {
  std::string name;
  std::uint64_t seed = 0; ///< of this participant's random numbers
  wall_clock calendar;
  std::uint32_t life = 0; ///< how often it has died and was made anew
};

} // namespace actorbus::demos
