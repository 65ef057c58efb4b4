#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <actorbus/protocol/expected.hpp>
#include <actorbus/transports/shm_link.hpp>
#include <actorbus/transports/socket_address.hpp>

namespace actorbus::transports {

// How two processes that know a name come to share memory: the server listens on a Unix socket in
// the kernel's own name space, which leaves nothing behind in the file system, and answers whoever
// connects by one message: 16 bytes with four descriptors. The socket has done its work then.

/// The address of the name `shm://name`: one for all users of the machine (and its network name
/// space).
/// @returns nothing usable (size 0) for a name that is too long: 80 bytes are the most
socket_address shm_address(std::string_view name);

/// Makes a link and sends the client its end.
/// @param socket a client's, just accepted; non-blocking. Stays the caller's
/// @returns the server's end, or what went wrong
protocol::expected<std::unique_ptr<shm_link>, std::string>
welcome_shm_client(int socket, std::size_t ring_bytes);

/// Takes what the server has sent.
/// @param socket connected, and readable: it is not waited for
/// @returns the client's end, or why not, in words
protocol::expected<std::unique_ptr<shm_link>, std::string> take_shm_welcome(int socket);

/// Connects and waits until the server has answered, for programs without I/O threads.
protocol::expected<std::unique_ptr<shm_link>, std::string> open_shm_link(std::string_view name,
                                                                         int timeout_ms);

} // namespace actorbus::transports
