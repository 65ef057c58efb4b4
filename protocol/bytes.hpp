#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace actorbus::protocol {

/// Borrowed bytes. Every view that the decoder hands out points into its input.
using byte_view = std::span<const std::uint8_t>;

/// The same bytes seen as characters.
inline std::string_view as_text(byte_view bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The same characters seen as bytes.
inline byte_view as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

} // namespace actorbus::protocol
