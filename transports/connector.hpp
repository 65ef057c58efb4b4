#pragma once

#include <string>

#include <actorbus/transports/stream.hpp>
#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// Spawns the actor that opens a connection for every `open_session` that it gets, so that a
/// client may come back to it as often as it likes. The `session_opened` that answers names the
/// connection: frames go there, and `channel_closed` when the client is done. A link that fails or
/// can't be opened is told by `close_channel`, with the reason in words.
///
/// A client that changed its mind while the connection was being opened answers `session_opened`
/// with `channel_closed`.
/// @param to        a host and port, or the path of a Unix socket
/// @param transport name for logs
/// @param layers    called for each connected socket, on its I/O thread
caf::actor spawn_connector(const endpoint& to, std::string transport,
                           const transport_context& context, stream_layers layers = {});

} // namespace actorbus::transports
