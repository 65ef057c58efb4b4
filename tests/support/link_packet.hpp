#pragma once

#include "notation.hpp"

#include <optional>

/// A loose reader for packets a broker sends: enough to assert facts where the standard leaves the bytes free.
/// It shares nothing with the product, so that a mistake there is not repeated here.
namespace actorbus::conformance {

enum class packet_type : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth
};

/// One property as it stood on the wire: `value` holds the bytes after the identifier, length prefixes included.
struct property {
  std::uint8_t id;
  byte_vector value;

  /// @returns the value of a one-, two- or four-byte or variable-length number
  std::uint32_t number() const;
  /// @returns the text of a string or binary property, without its length
  std::string text() const;
  /// @returns the value of a user property, of which `text` is the name
  std::string second_text() const;
};

struct packet {
  byte_vector raw;
  packet_type type{};
  std::uint8_t flags = 0;
  std::uint16_t id = 0;
  bool session_present = false;
  std::string topic;
  std::string payload;
  /// one for acknowledgements, one a filter for SUBACK and UNSUBACK; an omitted one counts as 0x00
  std::vector<std::uint8_t> reasons;
  std::vector<property> properties;

  int qos() const { return (flags >> 1) & 3; }
  bool dup() const { return (flags & 8) != 0; }
  bool retain() const { return (flags & 1) != 0; }
  std::uint8_t reason() const { return reasons.empty() ? std::uint8_t{0} : reasons.front(); }

  bool has(std::uint8_t property_id) const;
  /// @returns the numbers of every property with that identifier, in their order
  std::vector<std::uint32_t> numbers(std::uint8_t property_id) const;
  std::uint32_t number_or(std::uint8_t property_id, std::uint32_t otherwise) const;
  std::optional<std::string> text(std::uint8_t property_id) const;
};

/// Reads the first packet of `input`.
/// @returns nothing while its end has not arrived
/// @throws std::runtime_error where the bytes are no packet of that version
std::optional<packet> read_packet(std::span<const std::uint8_t> input, version v);

/// The identifiers of the properties the tests speak of (MQTT 5, table 2-4).
namespace property_id {
constexpr std::uint8_t payload_format_indicator = 0x01;
constexpr std::uint8_t message_expiry_interval = 0x02;
constexpr std::uint8_t content_type = 0x03;
constexpr std::uint8_t response_topic = 0x08;
constexpr std::uint8_t correlation_data = 0x09;
constexpr std::uint8_t subscription_identifier = 0x0b;
constexpr std::uint8_t session_expiry_interval = 0x11;
constexpr std::uint8_t assigned_client_identifier = 0x12;
constexpr std::uint8_t server_keep_alive = 0x13;
constexpr std::uint8_t authentication_method = 0x15;
constexpr std::uint8_t response_information = 0x1a;
constexpr std::uint8_t reason_string = 0x1f;
constexpr std::uint8_t receive_maximum = 0x21;
constexpr std::uint8_t topic_alias_maximum = 0x22;
constexpr std::uint8_t topic_alias = 0x23;
constexpr std::uint8_t user_property = 0x26;
constexpr std::uint8_t maximum_packet_size = 0x27;
} // namespace property_id

} // namespace actorbus::conformance
