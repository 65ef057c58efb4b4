#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <actorbus/protocol/bytes.hpp>
#include <actorbus/protocol/types.hpp>

namespace actorbus::protocol {

/// Bytes of `value` as a variable byte integer. @pre at most `variable_byte_integer_max`
constexpr std::size_t variable_byte_integer_size(std::uint32_t value) noexcept {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20'0000 ? 3 : 4;
}

/// Writes the standard's data types one after the other into memory that has room for them.
class wire_writer {
public:
  explicit wire_writer(std::uint8_t* out) noexcept : at_(out) {}

  /// One past the last byte written.
  std::uint8_t* position() const noexcept { return at_; }

  void byte(std::uint8_t value) noexcept { *at_++ = value; }

  void two_byte_integer(std::uint16_t value) noexcept {
    at_[0] = static_cast<std::uint8_t>(value >> 8);
    at_[1] = static_cast<std::uint8_t>(value);
    at_ += 2;
  }

  void four_byte_integer(std::uint32_t value) noexcept {
    two_byte_integer(static_cast<std::uint16_t>(value >> 16));
    two_byte_integer(static_cast<std::uint16_t>(value));
  }

  void variable_byte_integer(std::uint32_t value) noexcept {
    assert(value <= variable_byte_integer_max);
    for (; value >= 0x80; value >>= 7)
      byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
  }

  void raw(byte_view bytes) noexcept {
    const auto* from = bytes.data();
    auto size = bytes.size();
    // Most strings and many payloads are that short, and a call costs more than copying them:
    // two moves that may overlap.
    if (size >= 8 && size <= 32) {
      if (size <= 16) {
        move<8>(from, 0);
        move<8>(from, size - 8);
      } else {
        move<16>(from, 0);
        move<16>(from, size - 16);
      }
    } else if (size != 0) {
      std::memcpy(at_, from, size);
    }
    at_ += size;
  }

  void binary_data(byte_view bytes) noexcept {
    assert(bytes.size() <= 0xFFFF);
    two_byte_integer(static_cast<std::uint16_t>(bytes.size()));
    raw(bytes);
  }

  void utf8_string(std::string_view text) noexcept { binary_data(as_bytes(text)); }

private:
  template <std::size_t Size>
  void move(const std::uint8_t* from, std::size_t offset) noexcept {
    std::memcpy(at_ + offset, from + offset, Size);
  }

  std::uint8_t* at_;
};

} // namespace actorbus::protocol
