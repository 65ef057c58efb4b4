#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <actorbus/actors/bridge_options.hpp>
#include <actorbus/actors/bridge_status.hpp>
#include <actorbus/actors/caf.hpp>
#include <actorbus/protocol/expected.hpp>

namespace actorbus {

class bus;

/// What a bridge needs besides its options.
struct bridge_surroundings {
  /// The way to an address: an actor with the broker's face (`open_session`), which the bridge ends
  /// when it ends itself; or why there is none. Called on the bridge's actor, once an address.
  std::function<protocol::expected<caf::actor, std::string>(const std::string& url)> connect;

  /// Where the bridge and its local session run: the I/O thread of its connection, at best;
  /// nullptr: CAF's pool. Outlives the bridge.
  caf::execution_unit* home = nullptr;

  /// Called when the bridge has connected, has lost the connection, or something went wrong; on
  /// the bridge's actor: must not block.
  std::function<void(const bridge_status&)> on_change{};

  std::uint64_t seed = 1; ///< of the jitter of its pauses
};

/// A bridge that runs.
struct bridge_handle {
  caf::actor actor; ///< ends on an exit message, in good order on `user_shutdown`
  std::shared_ptr<const bridge_status> status;
};

/// Bridges `home` to a remote broker, from now on until the actor is told to exit. One that dies
/// of a fault is begun anew by its supervisor, which is the actor of the handle.
/// @param home outlives the bridge
/// @throws std::invalid_argument with the first mistake, if `check(options)` finds any
bridge_handle spawn_bridge(bus& home, bridge_options options, bridge_surroundings surroundings);

} // namespace actorbus
