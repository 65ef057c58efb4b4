#pragma once

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/messages.hpp>

#include <memory>

namespace actorbus::test {

/// A broker that knows no MQTT 5.0 says so to who speaks it, or hangs up.
enum class older_broker { no, says_so, hangs_up };

/// What a test does to the wires of one gateway; one thread, so no lock.
struct wire_control {
  bool silent = false;   ///< packets vanish, and nobody is told
  bool refuses = false;  ///< new connections fail
  int vanish_after = -1; ///< so many more frames pass, either way, then `silent`; -1: no end
  older_broker older = older_broker::no;
  std::size_t refused_v5 = 0; ///< connections by MQTT 5.0 that an older broker has refused
  std::size_t opened = 0;     ///< connections so far
  caf::actor current;         ///< the latest wire: an exit message cuts it so that both ends know

  /// Whether a frame passes.
  bool passes() {
    if (vanish_after == 0)
      silent = true;
    if (vanish_after > 0)
      --vanish_after;
    return !silent;
  }
};

/// A broker's face in front of a broker: what goes through can be made to vanish.
/// @returns an actor that takes `open_session`
caf::actor make_wires(caf::actor_system& system, caf::actor broker, std::shared_ptr<wire_control> control);

} // namespace actorbus::test
