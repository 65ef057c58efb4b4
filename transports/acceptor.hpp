#pragma once

#include <vector>

#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// Spawns the actor that accepts from listening stream sockets, of any family, until it is ended
/// by `close_channel` or an exit.
/// @param sockets bound, listening, non-blocking; owned from now on
/// @param transport name for `channel_info`
caf::actor spawn_acceptor(std::vector<int> sockets, std::string transport,
                          const transport_context& context);

} // namespace actorbus::transports
