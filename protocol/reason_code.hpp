#pragma once

#include <cstdint>
#include <string_view>

#include <actorbus/protocol/types.hpp>

namespace actorbus::protocol {

/// Reason codes of MQTT 5.0, section 2.4. One table (reason_code.cpp) knows which packets may
/// carry each, its name, and the CONNACK return code of 3.1.1 that comes nearest.
enum class reason_code : std::uint8_t {
  success = 0x00, ///< also "normal disconnection" and "granted QoS 0"
  granted_qos_1 = 0x01,
  granted_qos_2 = 0x02,
  disconnect_with_will = 0x04,
  no_matching_subscribers = 0x10,
  no_subscription_existed = 0x11,
  continue_authentication = 0x18,
  re_authenticate = 0x19,
  unspecified_error = 0x80,
  malformed_packet = 0x81,
  protocol_error = 0x82,
  implementation_specific_error = 0x83,
  unsupported_protocol_version = 0x84,
  client_identifier_not_valid = 0x85,
  bad_user_name_or_password = 0x86,
  not_authorized = 0x87,
  server_unavailable = 0x88,
  server_busy = 0x89,
  banned = 0x8A,
  server_shutting_down = 0x8B,
  bad_authentication_method = 0x8C,
  keep_alive_timeout = 0x8D,
  session_taken_over = 0x8E,
  topic_filter_invalid = 0x8F,
  topic_name_invalid = 0x90,
  packet_identifier_in_use = 0x91,
  packet_identifier_not_found = 0x92,
  receive_maximum_exceeded = 0x93,
  topic_alias_invalid = 0x94,
  packet_too_large = 0x95,
  message_rate_too_high = 0x96,
  quota_exceeded = 0x97,
  administrative_action = 0x98,
  payload_format_invalid = 0x99,
  retain_not_supported = 0x9A,
  qos_not_supported = 0x9B,
  use_another_server = 0x9C,
  server_moved = 0x9D,
  shared_subscriptions_not_supported = 0x9E,
  connection_rate_exceeded = 0x9F,
  maximum_connect_time = 0xA0,
  subscription_identifiers_not_supported = 0xA1,
  wildcard_subscriptions_not_supported = 0xA2,
};

/// The standard's name in lower case, e.g. "session taken over"; "unknown reason code" for a
/// value that is not in the table.
std::string_view to_string(reason_code code) noexcept;

/// Values from 0x80 up say that something failed.
constexpr bool is_error(reason_code code) noexcept {
  return static_cast<std::uint8_t>(code) >= 0x80;
}

/// Whether MQTT 5.0 lets `packet`, written by `from`, carry the byte `code`
/// [v5:MQTT-3.2.2-8, MQTT-3.4.2-1, MQTT-3.9.3-2, ...].
bool is_allowed(std::uint8_t code, packet_type packet, sender from) noexcept;

/// The return code that tells a 3.1 or 3.1.1 client the same, 0 to 5 [v3: table 3.1].
std::uint8_t to_v3_connack(reason_code code) noexcept;

/// The reason code for a 3.1.1 CONNACK return code; `unspecified_error` for one above 5.
reason_code from_v3_connack(std::uint8_t return_code) noexcept;

} // namespace actorbus::protocol
