#include <actorbus/protocol/errc.hpp>

#include <array>
#include <cstddef>

namespace actorbus::protocol {

namespace {

struct row {
  errc cause;
  std::string_view words;
  reason_code code;
};

using enum errc;
constexpr auto malformed = reason_code::malformed_packet;
constexpr auto violation = reason_code::protocol_error;

// In the order of the enumeration. "Malformed" is what cannot be parsed, "protocol error" what
// can be parsed and is not allowed [v5: 4.13.1], unless the standard names another code.
constexpr std::array rows{
    row{none, "no error", reason_code::success},

    row{reserved_packet_type, "packet type is reserved", malformed},
    row{reserved_flags, "reserved flags of the fixed header differ from the standard's", malformed},
    row{length_not_shortest_form, "variable byte integer is not in its shortest form", malformed},
    row{length_too_long, "variable byte integer has more than four bytes", malformed},
    row{packet_too_large, "packet exceeds the size limit", reason_code::packet_too_large},
    row{wrong_sender, "packet type that the other side alone may send", violation},

    row{truncated, "field reaches beyond the end of the packet", malformed},
    row{trailing_bytes, "bytes are left behind the last field", malformed},
    row{utf8_ill_formed, "string is not well-formed UTF-8", malformed},
    row{utf8_null_character, "string contains U+0000", malformed},
    row{packet_id_zero, "packet identifier is 0", violation},
    row{qos_reserved, "both QoS bits are set", malformed},
    row{dup_without_qos, "DUP is set at QoS 0", malformed},
    row{unknown_reason_code, "reason code is not allowed in this packet", violation},
    row{reason_code_missing, "acknowledgement without a reason code", violation},
    row{boolean_out_of_range, "property that must be 0 or 1 is neither", violation},
    row{value_zero, "property that must not be 0 is 0", violation},

    row{property_unknown, "property identifier does not exist", malformed},
    row{property_misplaced, "property is not allowed in this packet", malformed},
    row{property_duplicate, "property appears more than once", violation},
    row{property_length_mismatch, "property length reaches beyond the packet", malformed},
    row{subscription_identifier_from_client, "PUBLISH from a client has a subscription identifier",
        violation},
    row{session_expiry_from_server, "DISCONNECT from a server has a session expiry interval",
        violation},

    row{protocol_name_invalid, "protocol name is not that of MQTT",
        reason_code::unsupported_protocol_version},
    row{protocol_version_unsupported, "protocol level is not supported",
        reason_code::unsupported_protocol_version},
    row{connect_reserved_flag, "reserved flag of CONNECT is set", malformed},
    row{will_flags_without_will, "will QoS or will retain is set without a will", malformed},
    row{will_qos_reserved, "will QoS is 3", malformed},
    row{password_without_user_name, "password without a user name", malformed},
    row{client_id_empty, "client identifier is empty", reason_code::client_identifier_not_valid},
    row{authentication_data_without_method, "authentication data without a method", violation},
    row{authentication_method_missing, "AUTH without an authentication method", violation},

    row{connack_reserved_flags, "reserved flags of CONNACK are set", malformed},
    row{session_present_with_error, "session present although the connection was refused",
        violation},

    row{topic_empty, "topic name is empty", reason_code::topic_name_invalid},
    row{topic_wildcard, "topic name contains a wildcard", reason_code::topic_name_invalid},
    row{topic_null_character, "topic contains U+0000", malformed},
    row{topic_too_long, "topic is too long", reason_code::topic_name_invalid},
    row{topic_too_many_levels, "topic has too many levels", reason_code::topic_name_invalid},
    row{filter_empty, "topic filter is empty", reason_code::topic_filter_invalid},
    row{filter_multi_level_misplaced, "'#' is not the last level of the topic filter",
        reason_code::topic_filter_invalid},
    row{filter_single_level_misplaced, "'+' is not alone in its level of the topic filter",
        reason_code::topic_filter_invalid},
    row{share_name_invalid, "share name is empty or contains a wildcard",
        reason_code::topic_filter_invalid},
    row{share_no_local, "No Local on a shared subscription", violation},

    row{subscription_list_empty, "packet names no topic filter", violation},
    row{subscription_options_reserved, "reserved subscription options are set", malformed},
    row{subscription_qos_reserved, "maximum QoS of a subscription is 3", violation},
    row{retain_handling_reserved, "retain handling is 3", violation},

    row{topic_alias_zero, "topic alias is 0", reason_code::topic_alias_invalid},
    row{topic_alias_above_maximum, "topic alias is above the maximum",
        reason_code::topic_alias_invalid},
    row{topic_alias_unknown, "topic alias was never defined", violation},
    row{topic_missing, "neither a topic name nor a topic alias", violation},

    row{first_packet_not_connect, "first packet is not CONNECT", violation},
    row{second_connect, "second CONNECT on one connection", violation},
    row{receive_maximum_exceeded, "more messages in flight than the receive maximum",
        reason_code::receive_maximum_exceeded},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].cause) != i)
      return false;
  return rows.back().cause == receive_maximum_exceeded;
}
static_assert(is_in_order());

} // namespace

std::string_view to_string(errc cause) noexcept {
  auto index = static_cast<std::size_t>(cause);
  return index < rows.size() ? rows[index].words : "unknown error";
}

reason_code to_reason_code(errc cause) noexcept {
  auto index = static_cast<std::size_t>(cause);
  return index < rows.size() ? rows[index].code : reason_code::unspecified_error;
}

} // namespace actorbus::protocol
