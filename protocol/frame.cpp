#include <actorbus/protocol/frame.hpp>

#include <array>

namespace actorbus::protocol {

namespace {

constexpr std::uint16_t only(unsigned flags) {
  return static_cast<std::uint16_t>(1u << flags);
}

constexpr std::uint16_t dup_or_not = only(0b0010) | only(0b1010); // DUP: MQTT 3.1

// Table 2.2 of the standard: bit n of a row says that the packet type may have the flags n.
constexpr std::array<std::uint16_t, 16> allowed_flags{
    0,          // reserved
    only(0),    // CONNECT
    only(0),    // CONNACK
    0xFFFF,     // PUBLISH: DUP, QoS, RETAIN
    only(0),    // PUBACK
    only(0),    // PUBREC
    dup_or_not, // PUBREL
    only(0),    // PUBCOMP
    dup_or_not, // SUBSCRIBE
    only(0),    // SUBACK
    dup_or_not, // UNSUBSCRIBE
    only(0),    // UNSUBACK
    only(0),    // PINGREQ
    only(0),    // PINGRESP
    only(0),    // DISCONNECT
    only(0),    // AUTH
};

constexpr std::size_t length_bytes_max = 4;

frame_result incomplete(std::size_t missing) noexcept {
  frame_result result;
  result.missing = missing;
  return result;
}

} // namespace

expected<frame_result, errc> read_frame(byte_view input, std::size_t limit) noexcept {
  if (input.empty())
    return incomplete(2);
  unsigned type = input[0] >> 4;
  unsigned flags = input[0] & 0x0Fu;
  if ((allowed_flags[type] >> flags & 1u) == 0)
    return unexpected{type == 0 ? errc::reserved_packet_type : errc::reserved_flags};

  std::uint32_t body_size = 0;
  std::size_t at = 1;
  for (;; ++at) {
    if (at == input.size())
      return incomplete(1);
    std::uint32_t next = input[at];
    body_size |= (next & 0x7Fu) << (7 * (at - 1));
    if (next < 0x80) {
      if (next == 0 && at > 1)
        return unexpected{errc::length_not_shortest_form};
      break;
    }
    if (at == length_bytes_max)
      return unexpected{errc::length_too_long};
  }

  frame_result result;
  result.header.type = static_cast<packet_type>(type);
  result.header.flags = static_cast<std::uint8_t>(flags);
  result.header.header_size = static_cast<std::uint8_t>(at + 1);
  result.header.body_size = body_size;
  auto size = result.header.size();
  if (size > limit)
    return unexpected{errc::packet_too_large};
  if (size > input.size())
    return incomplete(size - input.size());
  result.complete = true;
  return result;
}

} // namespace actorbus::protocol
