#pragma once

#include <string>

#include <actorbus/actors/messages.hpp>

namespace actorbus {

/// Bridge to broker: `open_session`, by a part of the bus itself, which may publish below `$SYS/`.
/// No packet and no transport can say so.
struct open_bridge {
  open_session request;
  std::string name; ///< the bridge's
};

} // namespace actorbus

ACTORBUS_LOCAL_MESSAGE(actorbus::open_bridge)
