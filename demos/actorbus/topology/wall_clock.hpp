#pragma once

#include <chrono>
#include <string>

#include <actorbus/actors/caf.hpp>

namespace actorbus::demos {

/// What the calendar says at a point in time of the actor system's clock: read once, at the
/// program's start, so that a topology on virtual time has virtual dates.
class wall_clock {
public:
  using calendar = std::chrono::system_clock;

  wall_clock(time_point then, calendar::time_point reading) noexcept
      : then_(then), reading_(reading) {}

  calendar::time_point at(time_point when) const noexcept {
    return reading_ + std::chrono::duration_cast<calendar::duration>(when - then_);
  }

private:
  time_point then_;
  calendar::time_point reading_;
};

/// "2026-11-23T22:05:30.123Z".
std::string iso_time(wall_clock::calendar::time_point when);

} // namespace actorbus::demos
