#include <catch2/catch.hpp>

#include "refusals.hpp"
#include "same_packet.hpp"

using namespace actorbus::protocol;

namespace {

constexpr auto client = sender::client;
constexpr auto server = sender::server;
constexpr auto malformed = reason_code::malformed_packet;
constexpr auto violation = reason_code::protocol_error;

/// A PUBLISH of 5.0 at QoS 0 with these properties.
byte_vector with(std::string_view properties) {
  return bytes("30 [ s'a' [" + std::string{properties} + "] ]");
}

} // namespace

TEST_CASE("PUBLISH: flags and identifier") {
  for (auto version : {v3_1, v3_1_1, v5})
    check_refusals({
        {"both QoS bits [v5:MQTT-3.3.1-4, v3:MQTT-3.3.1-4]", version, client, in(version, "36 [ s'a' 0001 ~ ]"),
         errc::qos_reserved, malformed},
        {"DUP at QoS 0 [v5:MQTT-3.3.1-2, v3:MQTT-3.3.1-2]", version, client, in(version, "38 [ s'a' ~ ]"),
         errc::dup_without_qos, malformed},
        {"identifier 0 [v5:MQTT-2.2.1-3, v3:MQTT-2.3.1-1]", version, client, in(version, "32 [ s'a' 0000 ~ ]"),
         errc::packet_id_zero, violation},
        {"identifier 0 [v5:MQTT-2.2.1-4]", version, server, in(version, "34 [ s'a' 0000 ~ ]"), errc::packet_id_zero,
         violation},
        {"no identifier", version, client, bytes("32 [ s'a' ]"), errc::truncated, malformed},
        {"half an identifier", version, client, bytes("32 [ s'a' 01 ]"), errc::truncated, malformed},
        {"no topic [v5:MQTT-3.3.2-1, v3:MQTT-3.3.2-1]", version, client, bytes("30 00"), errc::truncated, malformed},
        {"topic longer than the packet", version, client, bytes("30 [ 0005 'a' ]"), errc::truncated, malformed},
    });
}

TEST_CASE("PUBLISH: the topic is a name") {
  constexpr auto no_name = reason_code::topic_name_invalid;
  for (auto version : {v3_1, v3_1_1, v5})
    check_refusals({
        {"'+' [v5:MQTT-3.3.2-2, v3:MQTT-3.3.2-2]", version, client, in(version, "30 [ s'a/+' ~ ]"),
         errc::topic_wildcard, no_name},
        {"'#' [v5:MQTT-4.7.0-1, v3:MQTT-4.7.3-1]", version, client, in(version, "30 [ s'#' ~ ]"), errc::topic_wildcard,
         no_name},
        {"'#' far behind", version, server, in(version, "30 [ < 'a'*100 '#' 'b'*9 > ~ ]"), errc::topic_wildcard,
         no_name},
        {"'+' behind an umlaut", version, server, in(version, "30 [ < C3 BC 'abcdefgh+' > ~ ]"), errc::topic_wildcard,
         no_name},
        {"U+0000 [v5:MQTT-1.5.4-2, v3:MQTT-1.5.3-2]", version, client, in(version, "30 [ < 'a' 00 > ~ ]"),
         errc::utf8_null_character, malformed},
        {"surrogate [v5:MQTT-1.5.4-1, v3:MQTT-1.5.3-1]", version, client, in(version, "30 [ < ED A0 80 > ~ ]"),
         errc::utf8_ill_formed, malformed},
        {"ill-formed [v5:MQTT-3.3.2-1]", version, client, in(version, "30 [ < 'abcdefgh' FF > ~ ]"),
         errc::utf8_ill_formed, malformed},
    });
  check_refusals({
      {"empty [v3:MQTT-4.7.0-1]", v3_1_1, client, bytes("30 [ s'' 'x' ]"), errc::topic_empty, no_name},
      {"empty without an alias [v5: 3.3.2.1]", v5, client, bytes("30 [ s'' [] 'x' ]"), errc::topic_missing, violation},
  });
}

TEST_CASE("PUBLISH: properties follow the table") {
  check_refusals({
      {"alias 0 [v5:MQTT-3.3.2-8]", v5, client, with("23 0000"), errc::topic_alias_zero,
       reason_code::topic_alias_invalid},
      {"alias twice [v5: 3.3.2.3.4]", v5, client, with("23 0001 23 0001"), errc::property_duplicate, violation},
      {"payload format 2 [v5: 3.3.2.3.2]", v5, client, with("01 02"), errc::boolean_out_of_range, violation},
      {"expiry twice [v5: 3.3.2.3.3]", v5, client, with("02 00000001 02 00000001"), errc::property_duplicate,
       violation},
      {"response topic with wildcard [v5:MQTT-3.3.2-14]", v5, client, with("08 s'a/+'"), errc::topic_wildcard,
       reason_code::topic_name_invalid},
      {"empty response topic [v5:MQTT-4.7.3-1]", v5, client, with("08 s''"), errc::topic_empty,
       reason_code::topic_name_invalid},
      {"response topic, ill-formed [v5:MQTT-3.3.2-13]", v5, client, with("08 < C3 >"), errc::utf8_ill_formed,
       malformed},
      {"content type, ill-formed [v5:MQTT-3.3.2-19]", v5, client, with("03 < 80 >"), errc::utf8_ill_formed, malformed},
      {"subscription identifier from a client [v5:MQTT-3.3.4-6]", v5, client, with("0B 01"),
       errc::subscription_identifier_from_client, violation},
      {"subscription identifier 0 [v5: 3.3.2.3.8]", v5, server, with("0B 00"), errc::value_zero, violation},
      {"subscription identifier in five bytes [v5:MQTT-1.5.5-1]", v5, server, with("0B 80 80 80 80 01"),
       errc::length_too_long, malformed},
      {"a property of CONNECT's [v5: 2.2.2.2]", v5, client, with("11 00000001"), errc::property_misplaced, malformed},
      {"a reason string [v5: 2.2.2.2]", v5, client, with("1F s'x'"), errc::property_misplaced, malformed},
      {"no properties [v5:MQTT-2.2.2-1]", v5, client, bytes("30 [ s'a' ]"), errc::truncated, malformed},
      {"properties longer than the packet", v5, client, bytes("30 [ s'a' 05 01 01 ]"), errc::property_length_mismatch,
       malformed},
  });
}

TEST_CASE("acknowledgements: identifier, reason code, properties") {
  for (auto version : {v3_1, v3_1_1, v5})
    for (const auto* type : {"40", "50", "62", "70"}) {
      std::string front{type};
      check_refusals({
          {"identifier 0 [v5:MQTT-2.2.1-5]", version, client, bytes(front + " 02 0000"), errc::packet_id_zero,
           violation},
          {"half an identifier", version, server, bytes(front + " 01 00"), errc::truncated, malformed},
          {"nothing", version, server, bytes(front + " 00"), errc::truncated, malformed},
      });
    }
  check_refusals({
      {"bytes behind", v3_1_1, client, bytes("40 03 0001 00"), errc::trailing_bytes, malformed},
      {"PUBACK: code of CONNACK's [v5:MQTT-3.4.2-1]", v5, client, bytes("40 03 0001 84"), errc::unknown_reason_code,
       violation},
      {"PUBREC: code of PUBREL's [v5:MQTT-3.5.2-1]", v5, client, bytes("50 03 0001 92"), errc::unknown_reason_code,
       violation},
      {"PUBREL: code of PUBREC's [v5:MQTT-3.6.2-1]", v5, client, bytes("62 03 0001 80"), errc::unknown_reason_code,
       violation},
      {"PUBCOMP: code of PUBREC's [v5:MQTT-3.7.2-1]", v5, client, bytes("70 03 0001 10"), errc::unknown_reason_code,
       violation},
      {"property of PUBLISH's [v5: 2.2.2.2]", v5, client, bytes("40 06 0001 00 02 01 01"), errc::property_misplaced,
       malformed},
      {"reason string twice [v5: 3.4.2.2.2]", v5, server, bytes("40 0C 0001 00 08 1F s'a' 1F s'b'"),
       errc::property_duplicate, violation},
      {"bytes behind the properties", v5, client, bytes("40 05 0001 00 00 00"), errc::trailing_bytes, malformed},
  });
}

TEST_CASE("acknowledgements with an empty property list say the same as those without") {
  auto decoded = read_packet(bytes("40 04 0001 10 00"), v5, server);
  REQUIRE(decoded);
  CHECK(is_same(*decoded, puback{.packet_id = 1, .code = reason_code::no_matching_subscribers}));
}
