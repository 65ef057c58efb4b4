#pragma once

#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// Listens on the Unix socket at the endpoint's path. A file that an earlier program left there is
/// replaced if it is a socket and nobody listens on it; it goes with the listener.
/// `context.listener.socket_file` says who may connect. A path that begins with '@' is a name without a
/// file, which anybody on this machine may connect to.
or_error<listening> listen_unix(const endpoint& at, const transport_context& context);

} // namespace actorbus::transports
