#pragma once

#include <cstddef>
#include <cstdint>

#include <actorbus/actors/caf.hpp>

#include "topology/random_source.hpp"
#include "topology/settings_reader.hpp"

namespace actorbus::demos {

/// When a participant publishes: at a rate that is steady, changes in the course of time, or is left
/// to chance, so many messages at a time.
class publishing_rhythm {
public:
  /// The keys `rate` or `interval_s`, `rate_to` and `ramp_s`, `burst`, `jitter` and `poisson`.
  static publishing_rhythm read(settings_reader& from);

  /// From one time to publish to the next.
  /// @param since the participant has begun
  duration pause(duration since, random_source& chance) const noexcept;

  /// Messages at a time.
  std::uint32_t burst() const noexcept { return burst_; }

private:
  double seconds(double since) const noexcept;

  double rate_ = 1;    ///< times a second
  double rate_to_ = 1; ///< after the ramp
  double ramp_seconds_ = 0;
  double jitter_ = 0; ///< the part of a pause that is left to chance
  bool poisson_ = false;
  std::uint32_t burst_ = 1;
};

} // namespace actorbus::demos
