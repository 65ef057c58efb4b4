#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace actorbus::transports {

/// Who may connect to a Unix socket that has a file.
struct socket_file_options {
  std::optional<std::uint32_t> mode; ///< permissions, 0660 and the like; nothing: as umask has it
  std::string owner;                 ///< a user's name; empty: who runs the program
  std::string group;                 ///< empty: the program's
};

/// What a listener is told beyond its URL. What its transport has no use for is ignored.
struct listener_options {
  socket_file_options socket_file;
};

} // namespace actorbus::transports
