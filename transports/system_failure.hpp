#pragma once

#include <cerrno>
#include <string>
#include <system_error>

#include <actorbus/protocol/expected.hpp>

namespace actorbus::transports {

/// What a value of `errno` means. Thread-safe, unlike `strerror`.
inline std::string error_text(int error) {
  return std::system_category().message(error);
}

inline std::string last_error_text() {
  return error_text(errno);
}

/// "WHAT: WHY", by `errno`.
inline protocol::unexpected<std::string> system_failure(const char* what) {
  return protocol::unexpected{what + (": " + last_error_text())};
}

} // namespace actorbus::transports
