#pragma once

#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// Makes an actor that opens a TCP connection for every `open_session` that it gets, so that a
/// client may come back to it as often as it likes. The `session_opened` that answers names the
/// connection: frames go there, and `channel_closed` when the client is done. A link that fails or
/// can't be opened is told by `close_channel`, with the reason in words.
///
/// A client that changed its mind while the connection was being opened answers `session_opened`
/// with `channel_closed`.
or_error<caf::actor> connect_tcp(const endpoint& at, const transport_context& context);

} // namespace actorbus::transports
