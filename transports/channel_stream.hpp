#pragma once

#include <cstddef>
#include <memory>

#include <actorbus/transports/channel.hpp>
#include <actorbus/transports/stream.hpp>

namespace actorbus::transports {

/// Bytes that a channel may hand in before it is asked to wait.
inline constexpr std::size_t channel_bytes_waiting = 256 * 1024;

/// Lets a `connection` use a channel as its stream: what comes on other threads waits here until
/// the connection reads, and each write is one `send`.
/// @param bytes_waiting_max of which a channel that doesn't wait is closed; at least the largest
///                          packet
std::unique_ptr<stream> make_channel_stream(std::unique_ptr<channel> link,
                                            std::size_t bytes_waiting_max);

} // namespace actorbus::transports
