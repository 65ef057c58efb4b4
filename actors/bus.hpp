#pragma once

#include <cstdint>
#include <memory>

#include <actorbus/actors/blocking_client.hpp>
#include <actorbus/actors/bus_context.hpp>

namespace actorbus {

/// A bus inside the program: its broker and timekeeper as actors of the program's actor system.
/// Opens no socket; listeners of the transports room do that.
class bus {
public:
  struct options {
    actorbus::limits limits{};
    std::uint64_t seed = 0; ///< of everything random; 0: a different one each time
  };

  explicit bus(caf::actor_system& system) : bus(system, options{}) {}
  bus(caf::actor_system& system, const options& settings);
  ~bus(); ///< ends all sessions with "server shutting down" and waits for none of them
  bus(const bus&) = delete;
  bus& operator=(const bus&) = delete;

  /// A client of this bus, over its memory channel. Blocks until it is connected;
  /// `blocking_client::connected` tells whether.
  blocking_client connect(client_options options = {});

  /// Spawns a client actor of this bus; `connect_request` is its first message.
  caf::actor spawn_client(client_options options, client_events events);

  const caf::actor& broker() const noexcept { return broker_; }
  const caf::actor& timekeeper() const noexcept { return context_->timekeeper; }
  const statistics& counters() const noexcept { return context_->counters; }
  const actorbus::limits& limits() const noexcept { return context_->bounds; }
  caf::actor_system& system() noexcept { return system_; }

private:
  caf::actor_system& system_;
  bus_context_ptr context_;
  caf::actor broker_;
};

} // namespace actorbus
