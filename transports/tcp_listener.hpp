#pragma once

#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// Listens on the endpoint's host and port and spawns a `connection` for whoever comes, on the
/// I/O threads in turn. A name that stands for several addresses is bound to all of them.
or_error<listening> listen_tcp(const endpoint& at, const transport_context& context);

} // namespace actorbus::transports
