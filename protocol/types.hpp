#pragma once

#include <cstdint>
#include <string_view>

namespace actorbus::protocol {

/// The protocol level byte of CONNECT.
enum class protocol_version : std::uint8_t {
  v3_1 = 3,
  v3_1_1 = 4,
  v5 = 5,
};

/// Control packet types, with the value of the fixed header's upper four bits.
enum class packet_type : std::uint8_t {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
  auth = 15,
};

/// Name as the standard writes it, e.g. "PUBLISH".
std::string_view to_string(packet_type type) noexcept;

/// "3.1", "3.1.1" or "5.0".
std::string_view to_string(protocol_version version) noexcept;

enum class qos : std::uint8_t {
  at_most_once = 0,
  at_least_once = 1,
  exactly_once = 2,
};

/// Whether a SUBSCRIBE wants the retained messages that are there.
enum class retain_handling : std::uint8_t {
  send = 0,
  send_if_new = 1,
  do_not_send = 2,
};

/// Who wrote the bytes: a CONNECT from a server is as wrong as a CONNACK from a client.
enum class sender : std::uint8_t {
  client,
  server,
};

/// Identifies a packet between PUBLISH, SUBSCRIBE or UNSUBSCRIBE and its last answer; never 0 on
/// the wire [v5:MQTT-2.2.1-3].
using packet_id = std::uint16_t;

/// Largest value of a variable byte integer: 268 435 455 [v5:MQTT-1.5.5].
inline constexpr std::uint32_t variable_byte_integer_max = 268'435'455;

/// Largest control packet there can be, fixed header included, in bytes.
inline constexpr std::uint32_t packet_size_bytes_max = variable_byte_integer_max + 5;

} // namespace actorbus::protocol
