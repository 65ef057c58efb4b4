#pragma once

#include <memory>

#include <actorbus/transports/stream.hpp>

namespace actorbus::transports {

/// The stream of a connected socket, TCP or Unix.
/// @param descriptor non-blocking; owned from now on, before `open` too
std::unique_ptr<stream> make_socket_stream(int descriptor);

} // namespace actorbus::transports
