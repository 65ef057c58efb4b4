#pragma once

#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// Takes the endpoint's name on this machine, and gives everyone who asks for it shared memory for
/// a link of their own. The name is free again as soon as the listener or its process ends.
or_error<listening> listen_shm(const endpoint& at, const transport_context& context);

} // namespace actorbus::transports
