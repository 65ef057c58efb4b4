#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace actorbus::transports {

/// Who opened the other end of a Unix socket, by the kernel's word.
struct peer_credentials {
  pid_t process = 0;
  uid_t user = 0;
  gid_t group = 0;
};

/// @returns nothing for a socket of another family
std::optional<peer_credentials> credentials_of(int socket) noexcept;

/// The user's name, or the number where it has none. Asks the system once a user, which may take
/// long where users are kept on another machine. Any thread.
std::string user_name(uid_t user);

/// "anna (process 4711)".
std::string to_string(const peer_credentials& of);

} // namespace actorbus::transports
