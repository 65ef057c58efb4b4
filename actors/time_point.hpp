#pragma once

#include <chrono>

namespace actorbus {

/// Points in time as the actor system's clock has them; virtual in simulations.
using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

} // namespace actorbus
