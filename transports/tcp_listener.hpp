#pragma once

#include <memory>
#include <string>

#include <actorbus/transports/refusal_log.hpp>
#include <actorbus/transports/stream.hpp>
#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// Listens on the endpoint's host and port and spawns a `connection` for whoever comes, on the
/// I/O threads in turn. A name that stands for several addresses is bound to all of them.
or_error<listening> listen_tcp(const endpoint& at, const transport_context& context);

/// The same for a transport that lies over TCP.
/// @param transport name for `channel_info`
/// @param layers    called for each connection
/// @param refusals  what the layers tell of whom they turn away: gets the bound URL
or_error<listening> listen_over_tcp(const endpoint& at, const transport_context& context,
                                    std::string transport, stream_layers layers,
                                    const std::shared_ptr<refusal_log>& refusals);

} // namespace actorbus::transports
