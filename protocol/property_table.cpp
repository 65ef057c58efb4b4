#include <actorbus/protocol/property.hpp>

#include <array>
#include <cstddef>

namespace actorbus::protocol {

namespace {

template <class... Places>
constexpr std::uint16_t in(Places... places) {
  return static_cast<std::uint16_t>((0u | ... | (1u << static_cast<unsigned>(places))));
}

using enum property_place;
using enum property_id;
using enum wire_type;

constexpr auto any = value_rule::any;
constexpr auto zero_or_one = value_rule::zero_or_one;
constexpr auto not_zero = value_rule::not_zero;

constexpr auto answers = in(connack, puback, pubrec, pubrel, pubcomp, suback, unsuback, disconnect,
                            property_place::auth);
constexpr std::uint16_t everywhere = (1u << 14) - 1;

// Table 2-4 of the standard, in its order.
// clang-format off
constexpr std::array rows{
  property_rule{payload_format_indicator, "payload format indicator", byte, zero_or_one,
                in(publish, will), 0},
  property_rule{message_expiry_interval, "message expiry interval", four_byte_integer, any,
                in(publish, will), 0},
  property_rule{content_type, "content type", utf8_string, any,
                in(publish, will), 0},
  property_rule{response_topic, "response topic", utf8_string, value_rule::topic_name,
                in(publish, will), 0},
  property_rule{correlation_data, "correlation data", binary_data, any,
                in(publish, will), 0},
  property_rule{subscription_identifier, "subscription identifier", variable_byte_integer, not_zero,
                in(publish, subscribe), in(publish)},
  property_rule{session_expiry_interval, "session expiry interval", four_byte_integer, any,
                in(connect, connack, disconnect), 0},
  property_rule{assigned_client_identifier, "assigned client identifier", utf8_string, any,
                in(connack), 0},
  property_rule{server_keep_alive, "server keep alive", two_byte_integer, any,
                in(connack), 0},
  property_rule{authentication_method, "authentication method", utf8_string, any,
                in(connect, connack, auth), 0},
  property_rule{authentication_data, "authentication data", binary_data, any,
                in(connect, connack, auth), 0},
  property_rule{request_problem_information, "request problem information", byte, zero_or_one,
                in(connect), 0},
  property_rule{will_delay_interval, "will delay interval", four_byte_integer, any,
                in(will), 0},
  property_rule{request_response_information, "request response information", byte, zero_or_one,
                in(connect), 0},
  property_rule{response_information, "response information", utf8_string, any,
                in(connack), 0},
  property_rule{server_reference, "server reference", utf8_string, any,
                in(connack, disconnect), 0},
  property_rule{reason_string, "reason string", utf8_string, any,
                answers, 0},
  property_rule{receive_maximum, "receive maximum", two_byte_integer, not_zero,
                in(connect, connack), 0},
  property_rule{topic_alias_maximum, "topic alias maximum", two_byte_integer, any,
                in(connect, connack), 0},
  property_rule{topic_alias, "topic alias", two_byte_integer, value_rule::topic_alias,
                in(publish), 0},
  property_rule{maximum_qos, "maximum QoS", byte, zero_or_one,
                in(connack), 0},
  property_rule{retain_available, "retain available", byte, zero_or_one,
                in(connack), 0},
  property_rule{user_property, "user property", utf8_string_pair, any,
                everywhere, everywhere},
  property_rule{maximum_packet_size, "maximum packet size", four_byte_integer, not_zero,
                in(connect, connack), 0},
  property_rule{wildcard_subscription_available, "wildcard subscription available", byte,
                zero_or_one, in(connack), 0},
  property_rule{subscription_identifier_available, "subscription identifier available", byte,
                zero_or_one, in(connack), 0},
  property_rule{shared_subscription_available, "shared subscription available", byte,
                zero_or_one, in(connack), 0},
};
// clang-format on
static_assert(rows.size() == 27);

constexpr auto id_max = static_cast<std::size_t>(shared_subscription_available);

// Finding a row by its identifier is one look-up: 0xFF says that there is none.
constexpr auto row_of_id = [] {
  std::array<std::uint8_t, id_max + 1> result{};
  result.fill(0xFF);
  for (std::size_t i = 0; i < rows.size(); ++i)
    result[static_cast<std::size_t>(rows[i].id)] = static_cast<std::uint8_t>(i);
  return result;
}();

} // namespace

const property_rule* find_property(std::uint32_t id) noexcept {
  if (id > id_max || row_of_id[id] == 0xFF)
    return nullptr;
  return &rows[row_of_id[id]];
}

std::string_view to_string(property_id id) noexcept {
  const auto* rule = find_property(static_cast<std::uint32_t>(id));
  return rule != nullptr ? rule->name : "unknown property";
}

} // namespace actorbus::protocol
