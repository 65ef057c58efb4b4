#pragma once

#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// Makes an actor that opens a link through shared memory for every `open_session` that it gets,
/// and answers as `connect_tcp`'s does.
or_error<caf::actor> connect_shm(const endpoint& at, const transport_context& context);

} // namespace actorbus::transports
