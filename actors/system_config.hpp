#pragma once

#include <cstddef>

#include <caf/actor_system_config.hpp>

namespace actorbus {

/// A configuration of CAF's actor system that suits a bus: a scheduler that sleeps when idle, and
/// actors that take turns. A program with a configuration of its own derives from this one, or
/// runs the bus on CAF's defaults, which polls more.
class system_config : public caf::actor_system_config {
public:
  /// Messages that an actor may handle before others get their turn.
  static constexpr std::size_t max_throughput = 512;

  /// @param threads of CAF's pool; 0: one a core, at most 4
  explicit system_config(std::size_t threads = 0);
};

} // namespace actorbus
