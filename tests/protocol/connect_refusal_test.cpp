#include <actorbus/protocol/client_id.hpp>

#include <catch2/catch.hpp>

#include "refusals.hpp"
#include "same_packet.hpp"

using namespace actorbus::protocol;

namespace {

constexpr auto client = sender::client;
constexpr auto server = sender::server;
constexpr auto malformed = reason_code::malformed_packet;
constexpr auto violation = reason_code::protocol_error;
constexpr auto unsupported = reason_code::unsupported_protocol_version;

/// A CONNECT of 5.0 with these properties.
byte_vector with(std::string_view properties) {
  return bytes("10 [ s'MQTT' 05 02 003C [" + std::string{properties} + "] s'c' ]");
}

/// A CONNECT of 5.0 whose will has these properties.
byte_vector with_will(std::string_view properties) {
  return bytes("10 [ s'MQTT' 05 06 003C [] s'c' [" + std::string{properties} + "] s'w' < > ]");
}

} // namespace

TEST_CASE("CONNECT names a protocol that there is") {
  check_refusals({
      {"wrong name [v5:MQTT-3.1.2-1]", v5, client, bytes("10 [ s'MQTX' 05 02 003C [] s'c' ]"),
       errc::protocol_name_invalid, unsupported},
      {"lower case [v3:MQTT-3.1.2-1]", v3_1_1, client, bytes("10 [ s'mqtt' 04 02 003C s'c' ]"),
       errc::protocol_name_invalid, unsupported},
      {"no name", v3_1_1, client, bytes("10 [ s'' 04 02 003C s'c' ]"), errc::protocol_name_invalid, unsupported},
      {"the name of 3.1 with the level of 3.1.1 [v3:MQTT-3.1.2-2]", v3_1_1, client,
       bytes("10 [ s'MQIsdp' 04 02 003C s'c' ]"), errc::protocol_version_unsupported, unsupported},
      {"the name of 3.1.1 with the level of 3.1 [v3:MQTT-3.1.2-2]", v3_1_1, client,
       bytes("10 [ s'MQTT' 03 02 003C s'c' ]"), errc::protocol_version_unsupported, unsupported},
      {"level 6 [v5:MQTT-3.1.2-2]", v5, client, bytes("10 [ s'MQTT' 06 02 003C [] s'c' ]"),
       errc::protocol_version_unsupported, unsupported},
      {"level 0 [v3:MQTT-3.1.2-2]", v3_1_1, client, bytes("10 [ s'MQTT' 00 02 003C s'c' ]"),
       errc::protocol_version_unsupported, unsupported},
      {"a bridge of 5.0 has an option for it", v5, client, bytes("10 [ s'MQTT' 85 02 003C [] s'c' ]"),
       errc::protocol_version_unsupported, unsupported},
  });
}

TEST_CASE("CONNECT's flags go together") {
  check_refusals({
      {"reserved flag [v5:MQTT-3.1.2-3]", v5, client, bytes("10 [ s'MQTT' 05 03 003C [] s'c' ]"),
       errc::connect_reserved_flag, malformed},
      {"reserved flag [v3:MQTT-3.1.2-3]", v3_1_1, client, bytes("10 [ s'MQTT' 04 03 003C s'c' ]"),
       errc::connect_reserved_flag, malformed},
      {"will QoS without a will [v5:MQTT-3.1.2-11]", v5, client, bytes("10 [ s'MQTT' 05 0A 003C [] s'c' ]"),
       errc::will_flags_without_will, malformed},
      {"will retain without a will [v5:MQTT-3.1.2-13]", v5, client, bytes("10 [ s'MQTT' 05 22 003C [] s'c' ]"),
       errc::will_flags_without_will, malformed},
      {"will QoS without a will [v3:MQTT-3.1.2-13]", v3_1_1, client, bytes("10 [ s'MQTT' 04 12 003C s'c' ]"),
       errc::will_flags_without_will, malformed},
      {"will retain without a will [v3:MQTT-3.1.2-15]", v3_1_1, client, bytes("10 [ s'MQTT' 04 22 003C s'c' ]"),
       errc::will_flags_without_will, malformed},
      {"will QoS 3 [v5:MQTT-3.1.2-12]", v5, client, bytes("10 [ s'MQTT' 05 1E 003C [] s'c' [] s'w' < > ]"),
       errc::will_qos_reserved, malformed},
      {"will QoS 3 [v3:MQTT-3.1.2-14]", v3_1_1, client, bytes("10 [ s'MQTT' 04 1E 003C s'c' s'w' < > ]"),
       errc::will_qos_reserved, malformed},
      {"password without user name [v3:MQTT-3.1.2-22]", v3_1_1, client, bytes("10 [ s'MQTT' 04 42 003C s'c' s'p' ]"),
       errc::password_without_user_name, malformed},
      {"password without user name in 3.1", v3_1, client, bytes("10 [ s'MQIsdp' 03 42 003C s'c' s'p' ]"),
       errc::password_without_user_name, malformed},
      {"announced user name is missing [v3:MQTT-3.1.2-19]", v3_1_1, client, bytes("10 [ s'MQTT' 04 82 003C s'c' ]"),
       errc::truncated, malformed},
      {"announced password is missing [v5:MQTT-3.1.2-19]", v5, client, bytes("10 [ s'MQTT' 05 42 003C [] s'c' ]"),
       errc::truncated, malformed},
      {"announced will is missing [v5:MQTT-3.1.2-9]", v5, client, bytes("10 [ s'MQTT' 05 06 003C [] s'c' ]"),
       errc::truncated, malformed},
      {"user name without its flag [v5:MQTT-3.1.2-16]", v5, client, bytes("10 [ s'MQTT' 05 02 003C [] s'c' s'u' ]"),
       errc::trailing_bytes, malformed},
      {"no client identifier at all [v5:MQTT-3.1.3-3]", v5, client, bytes("10 [ s'MQTT' 05 02 003C [] ]"),
       errc::truncated, malformed},
      {"nothing at all", v5, client, bytes("10 00"), errc::truncated, malformed},
  });
}

TEST_CASE("CONNECT's strings obey the rules") {
  check_refusals({
      {"client identifier [v5:MQTT-3.1.3-4]", v5, client, bytes("10 [ s'MQTT' 05 02 003C [] < C0 80 > ]"),
       errc::utf8_ill_formed, malformed},
      {"client identifier with U+0000 [v5:MQTT-1.5.4-2]", v5, client, bytes("10 [ s'MQTT' 05 02 003C [] < 'a' 00 > ]"),
       errc::utf8_null_character, malformed},
      {"user name [v3:MQTT-3.1.3-11]", v3_1_1, client, bytes("10 [ s'MQTT' 04 82 003C s'c' < FF > ]"),
       errc::utf8_ill_formed, malformed},
      {"user name [v5:MQTT-3.1.3-12]", v5, client, bytes("10 [ s'MQTT' 05 82 003C [] s'c' < ED A0 80 (surrogate) > ]"),
       errc::utf8_ill_formed, malformed},
      {"will topic [v5:MQTT-3.1.3-11]", v5, client, bytes("10 [ s'MQTT' 05 06 003C [] s'c' [] < F5 80 80 80 > < > ]"),
       errc::utf8_ill_formed, malformed},
      {"will topic with U+0000 [v3:MQTT-1.5.3-2]", v3_1_1, client,
       bytes("10 [ s'MQTT' 04 06 003C s'c' < 'a' 00 > < > ]"), errc::utf8_null_character, malformed},
      {"will topic with wildcard [v5:MQTT-4.7.0-1]", v5, client,
       bytes("10 [ s'MQTT' 05 06 003C [] s'c' [] s'a/+' < > ]"), errc::topic_wildcard, reason_code::topic_name_invalid},
      {"will topic with wildcard [v3:MQTT-4.7.3-1]", v3_1_1, client, bytes("10 [ s'MQTT' 04 06 003C s'c' s'#' < > ]"),
       errc::topic_wildcard, reason_code::topic_name_invalid},
      {"empty will topic [v5:MQTT-4.7.3-1]", v5, client, bytes("10 [ s'MQTT' 05 06 003C [] s'c' [] s'' < > ]"),
       errc::topic_empty, reason_code::topic_name_invalid},
  });
}

TEST_CASE("CONNECT's properties follow the table") {
  check_refusals({
      {"receive maximum 0 [v5: 3.1.2.11.3]", v5, client, with("21 0000"), errc::value_zero, violation},
      {"maximum packet size 0 [v5: 3.1.2.11.4]", v5, client, with("27 00000000"), errc::value_zero, violation},
      {"request response information 2 [v5: 3.1.2.11.6]", v5, client, with("19 02"), errc::boolean_out_of_range,
       violation},
      {"request problem information 2 [v5: 3.1.2.11.7]", v5, client, with("17 02"), errc::boolean_out_of_range,
       violation},
      {"session expiry interval twice [v5: 3.1.2.11.2]", v5, client, with("11 00000001 11 00000001"),
       errc::property_duplicate, violation},
      {"authentication data without a method [v5: 3.1.2.11.10]", v5, client, with("16 < 01 >"),
       errc::authentication_data_without_method, violation},
      {"a property of PUBLISH [v5: 2.2.2.2]", v5, client, with("23 0001"), errc::property_misplaced, malformed},
      {"a property of the will [v5: 2.2.2.2]", v5, client, with("18 00000001"), errc::property_misplaced, malformed},
      {"an identifier that does not exist [v5: 2.2.2.2]", v5, client, with("7F 00"), errc::property_unknown, malformed},
      {"identifier 0 [v5: 2.2.2.2]", v5, client, with("00 00"), errc::property_unknown, malformed},
      {"an identifier of two bytes [v5: 2.2.2.2]", v5, client, with("80 01 00"), errc::property_unknown, malformed},
      {"an identifier not in its shortest form [v5:MQTT-1.5.5-1]", v5, client, with("A1 00 0001"),
       errc::length_not_shortest_form, malformed},
      {"a value cut off by the properties' length", v5, client, with("11 000000"), errc::truncated, malformed},
      {"properties longer than the packet", v5, client, bytes("10 [ s'MQTT' 05 02 003C 7F s'c' ]"),
       errc::property_length_mismatch, malformed},
      {"property length in five bytes [v5:MQTT-1.5.5-1]", v5, client,
       bytes("10 [ s'MQTT' 05 02 003C 80 80 80 80 00 s'c' ]"), errc::length_too_long, malformed},
      {"property length not in its shortest form [v5:MQTT-1.5.5-1]", v5, client,
       bytes("10 [ s'MQTT' 05 02 003C 80 00 s'c' ]"), errc::length_not_shortest_form, malformed},
      {"user property: name [v5:MQTT-1.5.7-1]", v5, client, with("26 < FF > s'v'"), errc::utf8_ill_formed, malformed},
      {"user property: value [v5:MQTT-1.5.7-1]", v5, client, with("26 s'k' < 00 >"), errc::utf8_null_character,
       malformed},
      {"will: a property of CONNECT [v5: 2.2.2.2]", v5, client, with_will("11 00000001"), errc::property_misplaced,
       malformed},
      {"will: delay twice [v5: 3.1.3.2.2]", v5, client, with_will("18 00000001 18 00000001"), errc::property_duplicate,
       violation},
      {"will: payload format 2 [v5: 3.1.3.2.3]", v5, client, with_will("01 02"), errc::boolean_out_of_range, violation},
      {"will: response topic with wildcard [v5: 3.1.3.2.6]", v5, client, with_will("08 s'a/#'"), errc::topic_wildcard,
       reason_code::topic_name_invalid},
  });
}

TEST_CASE("CONNACK is checked like CONNECT") {
  check_refusals({
      {"reserved flags [v5:MQTT-3.2.2-1]", v5, server, bytes("20 03 02 00 00"), errc::connack_reserved_flags,
       malformed},
      {"reserved flags [v3: 3.2.2.1]", v3_1_1, server, bytes("20 02 80 00"), errc::connack_reserved_flags, malformed},
      {"session present with an error [v5:MQTT-3.2.2-6]", v5, server, bytes("20 03 01 80 00"),
       errc::session_present_with_error, violation},
      {"session present with an error [v3:MQTT-3.2.2-4]", v3_1_1, server, bytes("20 02 01 05"),
       errc::session_present_with_error, violation},
      {"return code 6 [v3: 3.2.2.3]", v3_1_1, server, bytes("20 02 00 06"), errc::unknown_reason_code, violation},
      {"return code 6 in 3.1", v3_1, server, bytes("20 02 00 06"), errc::unknown_reason_code, violation},
      {"a reason code of PUBACK's [v5:MQTT-3.2.2-8]", v5, server, bytes("20 03 00 10 00"), errc::unknown_reason_code,
       violation},
      {"a reason code that does not exist [v5:MQTT-3.2.2-8]", v5, server, bytes("20 03 00 FF 00"),
       errc::unknown_reason_code, violation},
      {"no return code", v3_1_1, server, bytes("20 01 00"), errc::truncated, malformed},
      {"no properties [v5:MQTT-2.2.2-1]", v5, server, bytes("20 02 00 00"), errc::truncated, malformed},
      {"bytes behind", v3_1_1, server, bytes("20 03 00 00 00"), errc::trailing_bytes, malformed},
      {"maximum QoS 2 [v5: 3.2.2.3.4]", v5, server, bytes("20 05 00 00 02 24 02"), errc::boolean_out_of_range,
       violation},
      {"receive maximum 0 [v5: 3.2.2.3.3]", v5, server, bytes("20 06 00 00 03 21 0000"), errc::value_zero, violation},
      {"a property of CONNECT's [v5: 2.2.2.2]", v5, server, bytes("20 05 00 00 02 17 01"), errc::property_misplaced,
       malformed},
  });
}

TEST_CASE("a server refuses an empty client identifier with a CONNACK [v3:MQTT-3.1.3-8]") {
  connect value{.version = v3_1_1, .clean_start = false};
  CHECK(check_client_id(value) == errc::client_id_empty);
  CHECK(to_v3_connack(to_reason_code(errc::client_id_empty)) == 2);
  value.clean_start = true;
  CHECK(check_client_id(value) == errc::none);
  value.version = v3_1;
  CHECK(check_client_id(value) == errc::client_id_empty);
  value.version = v5;
  value.clean_start = false;
  CHECK(check_client_id(value) == errc::none);
  value = {.version = v3_1, .client_id = "longer than the 23 characters of MQTT 3.1"};
  CHECK(check_client_id(value) == errc::none);
  CHECK(read_packet(bytes("10 0C 00 04 'MQTT' 04 00 00 3C 00 00"), v3_1_1, client));
}

TEST_CASE("in 3.1 the remaining length takes precedence over user name and password flags") {
  auto input = bytes("10 [ s'MQIsdp' 03 C2 003C s'c' ]");
  auto decoded = read_packet(input, v3_1, client);
  REQUIRE(decoded);
  CHECK_FALSE(std::get<connect>(*decoded).user_name);
  CHECK_FALSE(std::get<connect>(*decoded).password);
  input = bytes("10 [ s'MQIsdp' 03 C2 003C s'c' s'u' ]");
  decoded = read_packet(input, v3_1, client);
  REQUIRE(decoded);
  CHECK(std::get<connect>(*decoded).user_name == "u");
  CHECK_FALSE(std::get<connect>(*decoded).password);
}
