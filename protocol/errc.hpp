#pragma once

#include <cstdint>
#include <string_view>

#include <actorbus/protocol/reason_code.hpp>

namespace actorbus::protocol {

/// Why a packet was refused: one cause each, so that a log line tells what was wrong. The table
/// in errc.cpp gives every cause its words and its one reason code.
enum class errc : std::uint8_t {
  none = 0,

  // fixed header
  reserved_packet_type,     ///< type 0, or AUTH before 5.0
  reserved_flags,           ///< the lower four bits differ from the table
  length_not_shortest_form, ///< e.g. 0x80 0x00
  length_too_long,          ///< a fifth byte
  packet_too_large,         ///< exceeds the limit given by the caller
  wrong_sender,             ///< a server-only packet from a client, or the other way round

  // fields
  truncated,       ///< a field reaches beyond the packet's end
  trailing_bytes,  ///< bytes left behind the last field
  utf8_ill_formed, ///< includes surrogates and overlong forms
  utf8_null_character,
  packet_id_zero,
  qos_reserved,         ///< both QoS bits set
  dup_without_qos,      ///< DUP on a QoS 0 PUBLISH
  unknown_reason_code,  ///< not allowed in this packet from this sender
  reason_code_missing,  ///< a SUBACK or UNSUBACK without any
  boolean_out_of_range, ///< a byte property that is neither 0 nor 1
  value_zero,           ///< a property that must not be 0

  // properties
  property_unknown,
  property_misplaced, ///< known, but not in this packet
  property_duplicate,
  property_length_mismatch, ///< the properties' length reaches beyond the packet's end
  subscription_identifier_from_client,
  session_expiry_from_server, ///< in a DISCONNECT

  // CONNECT
  protocol_name_invalid,
  protocol_version_unsupported,
  connect_reserved_flag,
  will_flags_without_will,
  will_qos_reserved,
  password_without_user_name, ///< 3.1 and 3.1.1 only
  client_id_empty,            ///< MQTT 3.1: always; 3.1.1: without clean session
  authentication_data_without_method,
  authentication_method_missing, ///< an AUTH without one

  // CONNACK
  connack_reserved_flags,
  session_present_with_error,

  // topics
  topic_empty,
  topic_wildcard, ///< '+' or '#' in a topic name
  topic_null_character,
  topic_too_long,
  topic_too_many_levels,
  filter_empty,
  filter_multi_level_misplaced,  ///< '#' that is not the last level, or not alone in it
  filter_single_level_misplaced, ///< '+' that is not alone in its level
  share_name_invalid,            ///< empty, or with '/', '+', '#'
  share_no_local,                ///< No Local on a shared subscription

  // SUBSCRIBE, UNSUBSCRIBE
  subscription_list_empty,
  subscription_options_reserved,
  subscription_qos_reserved,
  retain_handling_reserved,

  // topic aliases
  topic_alias_zero,
  topic_alias_above_maximum,
  topic_alias_unknown,
  topic_missing, ///< empty topic without an alias

  // state
  first_packet_not_connect,
  second_connect,
  receive_maximum_exceeded,
};

/// What was wrong, in words for a log line, e.g. "remaining length is not in its shortest form".
std::string_view to_string(errc cause) noexcept;

/// The reason code that the standard has for `cause`.
reason_code to_reason_code(errc cause) noexcept;

} // namespace actorbus::protocol
