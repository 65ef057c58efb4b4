#pragma once

#include <actorbus/actors/bridge_options.hpp>
#include <actorbus/transports/transport_options.hpp>

#include "topology/settings_reader.hpp"

namespace actorbus::demos {

/// A bridge as a file has it.
struct bridge_settings {
  bridge_options bridge;
  transports::connector_options connector; ///< how it dials its addresses
};

/// Reads one `[[bridge]]`, without `finish`.
bridge_settings read_bridge(settings_reader& from);

} // namespace actorbus::demos
