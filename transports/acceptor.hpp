#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <actorbus/transports/stream.hpp>
#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// Connections that the kernel holds until they are accepted.
inline constexpr int accept_backlog = 4096;

/// What makes an acceptor one of this transport and not of another.
struct acceptor_options {
  std::string transport;             ///< name for `channel_info`
  stream_layers layers{};            ///< called for each socket that is accepted
  std::function<void()> on_closed{}; ///< called once, when the sockets are closed
  /// Makes the stream of a socket that was accepted, which it owns from now on; if empty, the
  /// stream is the socket's own. @returns nullptr for a client that is turned away
  std::function<std::unique_ptr<stream>(int socket)> open{};
};

/// Spawns the actor that accepts from listening stream sockets, of any family, until it is ended
/// by `close_channel` or an exit.
/// @param sockets bound, listening, non-blocking; owned from now on
caf::actor spawn_acceptor(std::vector<int> sockets, acceptor_options options,
                          const transport_context& context);

} // namespace actorbus::transports
