#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace actorbus {

/// A text's bytes as OpenSSL wants them.
inline const unsigned char* unsigned_bytes(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Bytes as RFC 4648's base64, padded.
/// @pre at most a gigabyte
std::string to_base64(std::string_view bytes);

/// Strict: padded to a multiple of four, '=' at the end only, no blanks.
/// @returns nothing for other texts
std::optional<std::string> from_base64(std::string_view text);

} // namespace actorbus
