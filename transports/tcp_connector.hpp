#pragma once

#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// Makes a connector to the endpoint's host and port; see `spawn_connector`.
or_error<caf::actor> connect_tcp(const endpoint& at, const transport_context& context);

} // namespace actorbus::transports
