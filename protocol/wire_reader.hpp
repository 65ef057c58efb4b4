#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <actorbus/protocol/bytes.hpp>
#include <actorbus/protocol/errc.hpp>
#include <actorbus/protocol/types.hpp>
#include <actorbus/protocol/utf8.hpp>

namespace actorbus::protocol {

/// Reads the standard's data types one after the other. The first fault stays: everything read
/// after it is zero or empty, so that a decoder reads all its fields and asks once at the end.
/// Never reads outside its bytes; strings are views into them.
class wire_reader {
public:
  explicit wire_reader(byte_view bytes) noexcept
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  errc cause() const noexcept { return cause_; }
  bool ok() const noexcept { return cause_ == errc::none; }
  bool at_end() const noexcept { return at_ == end_; }
  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  /// Remembers the first `cause`; nothing is left to read afterwards.
  void fail(errc cause) noexcept {
    if (ok())
      cause_ = cause;
    at_ = end_;
  }

  /// Fails with `cause` unless `holds`.
  void require(bool holds, errc cause) noexcept {
    if (!holds)
      fail(cause);
  }

  std::uint8_t byte() noexcept {
    if (left() < 1) {
      fail(errc::truncated);
      return 0;
    }
    return *at_++;
  }

  std::uint16_t two_byte_integer() noexcept {
    if (left() < 2) {
      fail(errc::truncated);
      return 0;
    }
    auto value = static_cast<std::uint16_t>(at_[0] << 8 | at_[1]);
    at_ += 2;
    return value;
  }

  std::uint32_t four_byte_integer() noexcept {
    std::uint32_t high = two_byte_integer();
    std::uint32_t low = two_byte_integer();
    return high << 16 | low;
  }

  /// At most four bytes in the shortest form [v5:MQTT-1.5.5-1].
  std::uint32_t variable_byte_integer() noexcept {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift <= 21; shift += 7) {
      std::uint32_t next = byte();
      value |= (next & 0x7Fu) << shift;
      if (next < 0x80) {
        require(next != 0 || shift == 0, errc::length_not_shortest_form);
        return ok() ? value : 0;
      }
    }
    fail(errc::length_too_long);
    return 0;
  }

  /// A packet identifier, which is not 0 [v5:MQTT-2.2.1-3, v3:MQTT-2.3.1-1].
  protocol::packet_id packet_id() noexcept {
    auto value = two_byte_integer();
    require(value != 0, errc::packet_id_zero);
    return value;
  }

  /// Exactly `size` bytes.
  byte_view take(std::size_t size) noexcept {
    if (left() < size) {
      fail(errc::truncated);
      return {};
    }
    byte_view taken{at_, size};
    at_ += size;
    return taken;
  }

  /// All that is left.
  byte_view rest() noexcept { return take(left()); }

  /// A two-byte length and so many bytes.
  byte_view binary_data() noexcept { return take(two_byte_integer()); }

  /// A two-byte length and a string that obeys the rules [v5:MQTT-1.5.4-1, MQTT-1.5.4-2].
  std::string_view utf8_string() noexcept {
    auto text = as_text(binary_data());
    if (auto cause = check_utf8(text); cause != errc::none)
      fail(cause);
    return text;
  }

  /// Their length and the bytes of a packet's properties, unchecked.
  byte_view properties() noexcept {
    auto size = variable_byte_integer();
    require(size <= left(), errc::property_length_mismatch);
    return take(ok() ? size : 0);
  }

private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  errc cause_ = errc::none;
};

} // namespace actorbus::protocol
