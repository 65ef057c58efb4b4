#include <catch2/catch.hpp>

#include "refusals.hpp"

using namespace actorbus::protocol;

namespace {

constexpr auto client = sender::client;
constexpr auto server = sender::server;
constexpr auto malformed = reason_code::malformed_packet;
constexpr auto violation = reason_code::protocol_error;

} // namespace

TEST_CASE("SUBSCRIBE: identifier, list, options") {
  for (auto version : {v3_1, v3_1_1, v5})
    check_refusals({
        {"identifier 0 [v5:MQTT-2.2.1-3, v3:MQTT-2.3.1-1]", version, client, in(version, "82 [ 0000 ~ s'a' 00 ]"),
         errc::packet_id_zero, violation},
        {"no filters [v5:MQTT-3.8.3-2, v3:MQTT-3.8.3-3]", version, client, in(version, "82 [ 0001 ~ ]"),
         errc::subscription_list_empty, violation},
    });
  check_refusals({
      {"nothing", v5, client, bytes("82 00"), errc::truncated, malformed},
      {"filter without options", v3_1_1, client, bytes("82 [ 0001 s'a' ]"), errc::truncated, malformed},
      {"filter longer than the packet", v3_1_1, client, bytes("82 [ 0001 0009 'a' ]"), errc::truncated, malformed},
      {"filter ill-formed [v3:MQTT-3.8.3-1]", v3_1_1, client, bytes("82 [ 0001 < FF > 00 ]"), errc::utf8_ill_formed,
       malformed},
      {"filter with U+0000 [v5:MQTT-4.7.3-2]", v5, client, bytes("82 [ 0001 [] < 'a' 00 > 00 ]"),
       errc::utf8_null_character, malformed},
      {"second filter ill-formed [v5:MQTT-3.8.3-1]", v5, client, bytes("82 [ 0001 [] s'a' 00 < ED BF BF > 00 ]"),
       errc::utf8_ill_formed, malformed},
      {"QoS 3 [v5: 3.8.3.1]", v5, client, bytes("82 [ 0001 [] s'a' 03 ]"), errc::subscription_qos_reserved, violation},
      {"QoS 3 [v3:MQTT-3.8.3-4]", v3_1_1, client, bytes("82 [ 0001 s'a' 03 ]"), errc::subscription_qos_reserved,
       violation},
      {"reserved bit 6 [v5:MQTT-3.8.3-5]", v5, client, bytes("82 [ 0001 [] s'a' 40 ]"),
       errc::subscription_options_reserved, malformed},
      {"reserved bit 7 [v5:MQTT-3.8.3-5]", v5, client, bytes("82 [ 0001 [] s'a' 80 ]"),
       errc::subscription_options_reserved, malformed},
      {"an option of 5.0 [v3:MQTT-3.8.3-4]", v3_1_1, client, bytes("82 [ 0001 s'a' 04 ]"),
       errc::subscription_options_reserved, malformed},
      {"an option of 5.0 in 3.1", v3_1, client, bytes("82 [ 0001 s'a' 10 ]"), errc::subscription_options_reserved,
       malformed},
      {"retain handling 3 [v5: 3.8.3.1]", v5, client, bytes("82 [ 0001 [] s'a' 30 ]"), errc::retain_handling_reserved,
       violation},
      {"No Local on a shared subscription [v5:MQTT-3.8.3-4]", v5, client, bytes("82 [ 0001 [] s'$share/g/a' 04 ]"),
       errc::share_no_local, violation},
      {"subscription identifier 0 [v5: 3.8.2.1.2]", v5, client, bytes("82 [ 0001 [ 0B 00 ] s'a' 00 ]"),
       errc::value_zero, violation},
      {"subscription identifier twice [v5: 3.8.2.1.2]", v5, client, bytes("82 [ 0001 [ 0B 01 0B 02 ] s'a' 00 ]"),
       errc::property_duplicate, violation},
      {"a reason string [v5: 2.2.2.2]", v5, client, bytes("82 [ 0001 [ 1F s'a' ] s'a' 00 ]"), errc::property_misplaced,
       malformed},
  });
}

TEST_CASE("SUBACK: one code at least, each from the table") {
  check_refusals({
      {"identifier 0 [v5:MQTT-2.2.1-6]", v5, server, bytes("90 [ 0000 [] 00 ]"), errc::packet_id_zero, violation},
      {"no codes [v5:MQTT-3.8.4-6]", v5, server, bytes("90 [ 0001 [] ]"), errc::reason_code_missing, violation},
      {"no codes [v3:MQTT-3.8.4-5]", v3_1_1, server, bytes("90 [ 0001 ]"), errc::reason_code_missing, violation},
      {"QoS 3 [v5:MQTT-3.9.3-2]", v5, server, bytes("90 [ 0001 [] 03 ]"), errc::unknown_reason_code, violation},
      {"QoS 3 [v3: 3.9.3]", v3_1_1, server, bytes("90 [ 0001 00 03 ]"), errc::unknown_reason_code, violation},
      {"a code of 5.0 [v3: 3.9.3]", v3_1_1, server, bytes("90 [ 0001 87 ]"), errc::unknown_reason_code, violation},
      {"a code of UNSUBACK's [v5:MQTT-3.9.3-2]", v5, server, bytes("90 [ 0001 [] 11 ]"), errc::unknown_reason_code,
       violation},
  });
}

TEST_CASE("UNSUBSCRIBE and UNSUBACK: identifier, list, codes") {
  check_refusals({
      {"identifier 0 [v5:MQTT-2.2.1-3]", v5, client, bytes("A2 [ 0000 [] s'a' ]"), errc::packet_id_zero, violation},
      {"identifier 0 [v3:MQTT-2.3.1-1]", v3_1_1, client, bytes("A2 [ 0000 s'a' ]"), errc::packet_id_zero, violation},
      {"no filters [v5:MQTT-3.10.3-2]", v5, client, bytes("A2 [ 0001 [] ]"), errc::subscription_list_empty, violation},
      {"no filters [v3:MQTT-3.10.3-2]", v3_1_1, client, bytes("A2 [ 0001 ]"), errc::subscription_list_empty, violation},
      {"filter ill-formed [v5:MQTT-3.10.3-1]", v5, client, bytes("A2 [ 0001 [] < C1 81 > ]"), errc::utf8_ill_formed,
       malformed},
      {"half a length", v3_1_1, client, bytes("A2 [ 0001 s'a' 00 ]"), errc::truncated, malformed},
      {"subscription identifier [v5: 2.2.2.2]", v5, client, bytes("A2 [ 0001 [ 0B 01 ] s'a' ]"),
       errc::property_misplaced, malformed},
      {"UNSUBACK with codes [v3: 3.11]", v3_1_1, server, bytes("B0 03 0001 00"), errc::trailing_bytes, malformed},
      {"UNSUBACK without codes [v5: 3.11.3]", v5, server, bytes("B0 03 0001 00"), errc::reason_code_missing, violation},
      {"UNSUBACK with a code of SUBACK's [v5:MQTT-3.11.3-2]", v5, server, bytes("B0 04 0001 00 01"),
       errc::unknown_reason_code, violation},
  });
}

TEST_CASE("PING, DISCONNECT and AUTH: what they may carry") {
  check_refusals({
      {"PINGREQ with a body [v5: 3.12]", v5, client, bytes("C0 01 00"), errc::trailing_bytes, malformed},
      {"PINGRESP with a body [v3: 3.13]", v3_1_1, server, bytes("D0 01 00"), errc::trailing_bytes, malformed},
      {"DISCONNECT with a body [v3: 3.14]", v3_1_1, client, bytes("E0 01 00"), errc::trailing_bytes, malformed},
      {"DISCONNECT: with will, from a server [v5: 3.14.2.1]", v5, server, bytes("E0 01 04"), errc::unknown_reason_code,
       violation},
      {"DISCONNECT: server shutting down, from a client [v5: 3.14.2.1]", v5, client, bytes("E0 01 8B"),
       errc::unknown_reason_code, violation},
      {"DISCONNECT: a code of CONNACK's [v5: 3.14.2.1]", v5, client, bytes("E0 01 84"), errc::unknown_reason_code,
       violation},
      {"DISCONNECT: session expiry from a server [v5:MQTT-3.14.2-2]", v5, server, bytes("E0 07 00 05 11 00000001"),
       errc::session_expiry_from_server, violation},
      {"DISCONNECT: bytes behind", v5, client, bytes("E0 03 00 00 00"), errc::trailing_bytes, malformed},
      {"AUTH: a code of DISCONNECT's [v5:MQTT-3.15.2-1]", v5, client, bytes("F0 02 81 00"), errc::unknown_reason_code,
       violation},
      {"AUTH: success from a client [v5:MQTT-3.15.2-1]", v5, client, bytes("F0 06 00 04 15 s'M'"),
       errc::unknown_reason_code, violation},
      {"AUTH: re-authenticate from a server [v5:MQTT-3.15.2-1]", v5, server, bytes("F0 06 19 04 15 s'M'"),
       errc::unknown_reason_code, violation},
      {"AUTH: no method [v5: 3.15.2.2.2]", v5, client, bytes("F0 02 18 00"), errc::authentication_method_missing,
       violation},
      {"AUTH: data without a method [v5: 3.15.2.2.3]", v5, client, bytes("F0 06 18 04 16 < 01 >"),
       errc::authentication_method_missing, violation},
      {"AUTH: no property length [v5:MQTT-2.2.2-1]", v5, client, bytes("F0 01 18"), errc::truncated, malformed},
  });
}
