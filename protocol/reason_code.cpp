#include <actorbus/protocol/reason_code.hpp>

#include <array>
#include <cstddef>

namespace actorbus::protocol {

namespace {

/// Bit n: packet type n may carry the code.
using packet_set = std::uint16_t;

template <class... Types>
constexpr packet_set packets(Types... types) {
  return static_cast<packet_set>((0u | ... | (1u << static_cast<unsigned>(types))));
}

struct row {
  reason_code code;
  std::string_view name;
  packet_set from_client;
  packet_set from_server;
  std::uint8_t v3_connack; ///< nearest return code of 3.1.1
};

using enum reason_code;

constexpr auto connack = packet_type::connack;
constexpr auto puback = packet_type::puback;
constexpr auto pubrec = packet_type::pubrec;
constexpr auto pubrel = packet_type::pubrel;
constexpr auto pubcomp = packet_type::pubcomp;
constexpr auto suback = packet_type::suback;
constexpr auto unsuback = packet_type::unsuback;
constexpr auto disconnect = packet_type::disconnect;
constexpr auto auth = packet_type::auth;

// The tables of sections 2.4, 3.2.2.2, 3.4.2.1, 3.9.3, 3.11.3, 3.14.2.1 and 3.15.2.1 in one.
// clang-format off
constexpr std::array rows{
  row{success, "success",
      packets(puback, pubrec, pubrel, pubcomp, disconnect),
      packets(connack, puback, pubrec, pubrel, pubcomp, suback, unsuback, disconnect, auth), 0},
  row{granted_qos_1, "granted QoS 1", 0, packets(suback), 0},
  row{granted_qos_2, "granted QoS 2", 0, packets(suback), 0},
  row{disconnect_with_will, "disconnect with will message", packets(disconnect), 0, 0},
  row{no_matching_subscribers, "no matching subscribers",
      packets(puback, pubrec), packets(puback, pubrec), 0},
  row{no_subscription_existed, "no subscription existed", 0, packets(unsuback), 0},
  row{continue_authentication, "continue authentication", packets(auth), packets(auth), 0},
  row{re_authenticate, "re-authenticate", packets(auth), 0, 0},
  row{unspecified_error, "unspecified error",
      packets(puback, pubrec, disconnect),
      packets(connack, puback, pubrec, suback, unsuback, disconnect), 3},
  row{malformed_packet, "malformed packet",
      packets(disconnect), packets(connack, disconnect), 3},
  row{protocol_error, "protocol error",
      packets(disconnect), packets(connack, disconnect), 3},
  row{implementation_specific_error, "implementation specific error",
      packets(puback, pubrec, disconnect),
      packets(connack, puback, pubrec, suback, unsuback, disconnect), 3},
  row{unsupported_protocol_version, "unsupported protocol version", 0, packets(connack), 1},
  row{client_identifier_not_valid, "client identifier not valid", 0, packets(connack), 2},
  row{bad_user_name_or_password, "bad user name or password", 0, packets(connack), 4},
  row{not_authorized, "not authorized",
      packets(puback, pubrec),
      packets(connack, puback, pubrec, suback, unsuback, disconnect), 5},
  row{server_unavailable, "server unavailable", 0, packets(connack), 3},
  row{server_busy, "server busy", 0, packets(connack, disconnect), 3},
  row{banned, "banned", 0, packets(connack), 5},
  row{server_shutting_down, "server shutting down", 0, packets(disconnect), 3},
  row{bad_authentication_method, "bad authentication method", 0, packets(connack), 5},
  row{keep_alive_timeout, "keep alive timeout", 0, packets(disconnect), 3},
  row{session_taken_over, "session taken over", 0, packets(disconnect), 3},
  row{topic_filter_invalid, "topic filter invalid",
      0, packets(suback, unsuback, disconnect), 3},
  row{topic_name_invalid, "topic name invalid",
      packets(puback, pubrec, disconnect), packets(connack, puback, pubrec, disconnect), 3},
  row{packet_identifier_in_use, "packet identifier in use",
      packets(puback, pubrec), packets(puback, pubrec, suback, unsuback), 3},
  row{packet_identifier_not_found, "packet identifier not found",
      packets(pubrel, pubcomp), packets(pubrel, pubcomp), 3},
  row{receive_maximum_exceeded, "receive maximum exceeded",
      packets(disconnect), packets(disconnect), 3},
  row{topic_alias_invalid, "topic alias invalid",
      packets(disconnect), packets(disconnect), 3},
  row{packet_too_large, "packet too large",
      packets(disconnect), packets(connack, disconnect), 3},
  row{message_rate_too_high, "message rate too high",
      packets(disconnect), packets(disconnect), 3},
  row{quota_exceeded, "quota exceeded",
      packets(puback, pubrec, disconnect),
      packets(connack, puback, pubrec, suback, disconnect), 3},
  row{administrative_action, "administrative action",
      packets(disconnect), packets(disconnect), 3},
  row{payload_format_invalid, "payload format invalid",
      packets(puback, pubrec, disconnect), packets(connack, puback, pubrec, disconnect), 3},
  row{retain_not_supported, "retain not supported", 0, packets(connack, disconnect), 3},
  row{qos_not_supported, "QoS not supported", 0, packets(connack, disconnect), 3},
  row{use_another_server, "use another server", 0, packets(connack, disconnect), 3},
  row{server_moved, "server moved", 0, packets(connack, disconnect), 3},
  row{shared_subscriptions_not_supported, "shared subscriptions not supported",
      0, packets(suback, disconnect), 3},
  row{connection_rate_exceeded, "connection rate exceeded", 0, packets(connack, disconnect), 3},
  row{maximum_connect_time, "maximum connect time", 0, packets(disconnect), 3},
  row{subscription_identifiers_not_supported, "subscription identifiers not supported",
      0, packets(suback, disconnect), 3},
  row{wildcard_subscriptions_not_supported, "wildcard subscriptions not supported",
      0, packets(suback, disconnect), 3},
};
// clang-format on

// Finding a row by its value is one look-up: 0xFF says that there is none.
constexpr auto row_of_value = [] {
  std::array<std::uint8_t, 256> result{};
  result.fill(0xFF);
  for (std::size_t i = 0; i < rows.size(); ++i)
    result[static_cast<std::size_t>(rows[i].code)] = static_cast<std::uint8_t>(i);
  return result;
}();

const row* find(std::uint8_t value) noexcept {
  auto index = row_of_value[value];
  return index < rows.size() ? &rows[index] : nullptr;
}

} // namespace

std::string_view to_string(reason_code code) noexcept {
  const auto* found = find(static_cast<std::uint8_t>(code));
  return found != nullptr ? found->name : "unknown reason code";
}

bool is_allowed(std::uint8_t code, packet_type packet, sender from) noexcept {
  const auto* found = find(code);
  if (found == nullptr)
    return false;
  auto set = from == sender::client ? found->from_client : found->from_server;
  return (set >> static_cast<unsigned>(packet) & 1u) != 0;
}

std::uint8_t to_v3_connack(reason_code code) noexcept {
  const auto* found = find(static_cast<std::uint8_t>(code));
  return found != nullptr ? found->v3_connack : std::uint8_t{3};
}

reason_code from_v3_connack(std::uint8_t return_code) noexcept {
  constexpr std::array codes{success,
                             unsupported_protocol_version,
                             client_identifier_not_valid,
                             server_unavailable,
                             bad_user_name_or_password,
                             not_authorized};
  return return_code < codes.size() ? codes[return_code] : unspecified_error;
}

} // namespace actorbus::protocol
