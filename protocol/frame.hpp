#pragma once

#include <cstddef>
#include <cstdint>

#include <actorbus/protocol/bytes.hpp>
#include <actorbus/protocol/errc.hpp>
#include <actorbus/protocol/expected.hpp>
#include <actorbus/protocol/types.hpp>

namespace actorbus::protocol {

/// Where the first control packet of some bytes begins and ends.
struct frame_header {
  packet_type type{};
  std::uint8_t flags = 0;       ///< lower four bits of the first byte
  std::uint8_t header_size = 0; ///< bytes of the fixed header, 2 to 5
  std::uint32_t body_size = 0;  ///< the remaining length, in bytes

  std::size_t size() const noexcept { return std::size_t{header_size} + body_size; }
};

/// The front of a byte stream: a whole packet, or not yet.
struct frame_result {
  bool complete = false;
  frame_header header;     ///< valid when `complete`
  std::size_t missing = 0; ///< otherwise: at least so many bytes more are needed (>= 1)
};

/// Looks for one packet at the front of `input`. Checks the type, its reserved flags and the
/// length's form, nothing behind them; so a packet that is too large or has a wrong first byte
/// is refused before its body was received. One bit depends on the version, which nobody knows
/// here: DUP in PUBREL, SUBSCRIBE and UNSUBSCRIBE, allowed in MQTT 3.1 alone; `decode` looks.
/// @param input bytes received so far; borrowed for the call only
/// @param limit largest accepted packet in bytes, fixed header included
/// @errors reserved_packet_type, reserved_flags [v5:MQTT-2.1.3-1],
///         length_not_shortest_form [v5:MQTT-1.5.5-1], length_too_long,
///         packet_too_large [v5:MQTT-3.1.2-24]
expected<frame_result, errc> read_frame(byte_view input, std::size_t limit) noexcept;

} // namespace actorbus::protocol
