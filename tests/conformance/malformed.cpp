#include "conformance.hpp"

/// What breaks the rules ends that one connection, with the reason code of the standard in MQTT 5. The cases that
/// belong to CONNECT stand in connect.cpp.
namespace actorbus::conformance {

namespace {

constexpr std::uint8_t malformed = 0x81;
constexpr std::uint8_t protocol_error = 0x82;
constexpr std::uint8_t topic_filter_invalid = 0x8f;
constexpr std::uint8_t topic_name_invalid = 0x90;

struct bad_packet {
  std::string what;
  std::string bytes;
  /// the reason codes the standard allows; the first is the one it names
  std::vector<std::uint8_t> reasons;
};

// clang-format off
const std::vector<bad_packet> in_311_and_5{
  {"PUBLISH of QoS 3 [v3:MQTT-3.3.1-4] [v5:MQTT-3.3.1-4]", "36 [ s'a' 0001 ~ 'm' ]", {malformed}},
  {"PUBLISH of QoS 0 with DUP [v3:MQTT-3.3.1-2] [v5:MQTT-3.3.1-2]", "38 [ s'a' ~ 'm' ]", {malformed, protocol_error}},
  {"PUBLISH with packet identifier 0 [v3:MQTT-2.3.1-1] [v5:MQTT-2.2.1-3]", "32 [ s'a' 0000 ~ 'm' ]", {protocol_error, malformed}},
  {"PUBLISH without its packet identifier", "32 [ s'a' ]", {malformed}},
  {"PUBLISH without a topic [v3:MQTT-3.3.2-1] [v5:MQTT-3.3.2-1]", "30 00", {malformed}},
  {"PUBLISH whose topic is longer than it", "30 05 0010 'abc'", {malformed}},
  {"PUBLISH to + [v3:MQTT-3.3.2-2] [v5:MQTT-3.3.2-2] [v3:MQTT-4.7.3-2]", "30 [ s'a/+' ~ 'm' ]", {topic_name_invalid, malformed, protocol_error}},
  {"PUBLISH to # [v3:MQTT-4.7.3-1] [v5:MQTT-4.7.0-1]", "30 [ s'#' ~ 'm' ]", {topic_name_invalid, malformed, protocol_error}},
  {"PUBLISH to a topic with NUL [v3:MQTT-1.5.3-2] [v5:MQTT-4.7.3-2]", "30 [ s'a\\x00b' ~ 'm' ]", {malformed, topic_name_invalid}},
  {"PUBLISH to a topic with a surrogate [v3:MQTT-1.5.3-1] [v5:MQTT-1.5.4-1]", "30 [ s'\\xed\\xa0\\x80' ~ 'm' ]", {malformed, topic_name_invalid}},
  {"PUBLISH to a topic of ill-formed UTF-8 [v3:MQTT-1.5.3-1] [v5:MQTT-1.5.4-1]", "30 [ s'a\\xc3' ~ 'm' ]", {malformed, topic_name_invalid}},
  {"PUBLISH to a topic of overlong UTF-8 [v3:MQTT-1.5.3-1] [v5:MQTT-1.5.4-1]", "30 [ s'\\xc0\\xaf' ~ 'm' ]", {malformed, topic_name_invalid}},
  {"PUBLISH to a topic beyond U+10FFFF [v3:MQTT-1.5.3-1] [v5:MQTT-1.5.4-1]", "30 [ s'\\xf4\\x90\\x80\\x80' ~ 'm' ]", {malformed, topic_name_invalid}},
  {"a remaining length of five bytes [v5:MQTT-1.5.5-1]", "30 ffffffff01", {malformed}},
  {"PUBACK with flags [v3:MQTT-2.2.2-2] [v5:MQTT-2.1.3-1]", "41 02 0001", {malformed}},
  {"PUBACK without an identifier", "40 00", {malformed}},
  {"PUBACK with half an identifier", "40 01 00", {malformed}},
  {"PUBREC with flags [v3:MQTT-2.2.2-2] [v5:MQTT-2.1.3-1]", "52 02 0001", {malformed}},
  {"PUBREL without its flags [v3:MQTT-3.6.1-1] [v5:MQTT-3.6.1-1]", "60 02 0001", {malformed}},
  {"PUBREL with other flags [v3:MQTT-3.6.1-1] [v5:MQTT-3.6.1-1]", "63 02 0001", {malformed}},
  {"PUBCOMP with flags [v3:MQTT-2.2.2-2] [v5:MQTT-2.1.3-1]", "74 02 0001", {malformed}},
  {"SUBSCRIBE without its flags [v3:MQTT-3.8.1-1] [v5:MQTT-3.8.1-1]", "80 [ 0001 ~ s'a' 00 ]", {malformed}},
  {"SUBSCRIBE with packet identifier 0 [v3:MQTT-2.3.1-1] [v5:MQTT-2.2.1-3]", "82 [ 0000 ~ s'a' 00 ]", {protocol_error, malformed}},
  {"SUBSCRIBE without a filter [v3:MQTT-3.8.3-3] [v5:MQTT-3.8.3-2]", "82 [ 0001 ~ ]", {protocol_error, malformed}},
  {"SUBSCRIBE without the filter's options", "82 [ 0001 ~ s'a' ]", {malformed}},
  {"SUBSCRIBE for QoS 3 [v3:MQTT-3.8.3-4]", "82 [ 0001 ~ s'a' 03 ]", {protocol_error, malformed}},
  {"SUBSCRIBE with a reserved bit [v3:MQTT-3.8.3-4] [v5:MQTT-3.8.3-5]", "82 [ 0001 ~ s'a' 40 ]", {malformed}},
  {"SUBSCRIBE with the other reserved bit [v3:MQTT-3.8.3-4] [v5:MQTT-3.8.3-5]", "82 [ 0001 ~ s'a' 80 ]", {malformed}},
  {"SUBSCRIBE to a filter with NUL [v3:MQTT-1.5.3-2] [v5:MQTT-1.5.4-2]", "82 [ 0001 ~ s'a\\x00' 00 ]", {malformed, topic_filter_invalid}},
  {"SUBSCRIBE to a filter of ill-formed UTF-8 [v3:MQTT-3.8.3-1] [v5:MQTT-3.8.3-1]", "82 [ 0001 ~ s'\\xff' 00 ]", {malformed, topic_filter_invalid}},
  {"SUBSCRIBE whose second filter is cut", "82 [ 0001 ~ s'a' 00 0005 'ab' ]", {malformed}},
  {"UNSUBSCRIBE without its flags [v3:MQTT-3.10.1-1] [v5:MQTT-3.10.1-1]", "a0 [ 0001 ~ s'a' ]", {malformed}},
  {"UNSUBSCRIBE with packet identifier 0 [v3:MQTT-2.3.1-1] [v5:MQTT-2.2.1-3]", "a2 [ 0000 ~ s'a' ]", {protocol_error, malformed}},
  {"UNSUBSCRIBE without a filter [v3:MQTT-3.10.3-2] [v5:MQTT-3.10.3-2]", "a2 [ 0001 ~ ]", {protocol_error, malformed}},
  {"UNSUBSCRIBE of a filter of ill-formed UTF-8 [v3:MQTT-3.10.3-1] [v5:MQTT-3.10.3-1]", "a2 [ 0001 ~ s'\\xff' ]", {malformed, topic_filter_invalid}},
  {"PINGREQ with flags [v3:MQTT-2.2.2-2] [v5:MQTT-2.1.3-1]", "c1 00", {malformed}},
  {"PINGREQ with a byte", "c0 01 00", {malformed}},
  {"DISCONNECT with flags [v3:MQTT-2.2.2-2] [v5:MQTT-3.14.1-1]", "e1 00", {malformed}},
  {"CONNACK from a client", "20 [ 0000 ~ ]", {protocol_error, malformed}},
  {"SUBACK from a client", "90 [ 0001 ~ 00 ]", {protocol_error, malformed}},
  {"UNSUBACK from a client", "b0 [ 0001 ~ ]", {protocol_error, malformed}},
  {"PINGRESP from a client", "d0 00", {protocol_error, malformed}},
  {"packet type 0", "00 00", {malformed, protocol_error}},
};

const std::vector<bad_packet> in_version_3{
  {"PUBLISH to an empty topic [v3:MQTT-4.7.0-1]", "30 [ 0000 'm' ]", {}},
  {"PUBACK with a byte too many", "40 03 0001 00", {}},
  {"PUBREL with a byte too many", "62 03 0001 00", {}},
  {"DISCONNECT with a byte", "e0 01 00", {}},
  {"AUTH, which MQTT 5 brought", "f0 00", {}},
};

const std::vector<bad_packet> in_version_5_only{
  {"a remaining length not in its shortest form [v5:MQTT-1.5.5-1]", "c0 8000", {malformed}},
  {"a property length not in its shortest form [v5:MQTT-1.5.5-1]", "30 [ s'a' 8000 'm' ]", {malformed}},
  {"a property length of five bytes [v5:MQTT-1.5.5-1]", "30 [ s'a' ffffffff01 'm' ]", {malformed}},
  {"a property length beyond the packet", "30 [ s'a' 7f 'm' ]", {malformed}},
  {"no property length [v5:MQTT-2.2.2-1]", "30 [ s'a' ]", {malformed}},
  {"a property that the property length cuts", "30 [ s'a' 03 02 0000 'm' ]", {malformed}},
  {"a property that is not in the standard", "30 [ s'a' [ 7e 00 ] 'm' ]", {malformed, protocol_error}},
  {"a property of CONNECT in PUBLISH", "30 [ s'a' [ 11 00000001 ] 'm' ]", {protocol_error, malformed}},
  {"a property of PUBLISH in SUBSCRIBE", "82 [ 0001 [ 01 01 ] s'a' 00 ]", {protocol_error, malformed}},
  {"a property of SUBSCRIBE in UNSUBSCRIBE", "a2 [ 0001 [ 0b 01 ] s'a' ]", {protocol_error, malformed}},
  {"a payload format indicator of 2", "30 [ s'a' [ 01 02 ] 'm' ]", {protocol_error, malformed}},
  {"two payload format indicators", "30 [ s'a' [ 01 01 01 01 ] 'm' ]", {protocol_error}},
  {"two message expiry intervals", "30 [ s'a' [ 02 00000001 02 00000001 ] 'm' ]", {protocol_error}},
  {"two content types", "30 [ s'a' [ 03 s'x' 03 s'x' ] 'm' ]", {protocol_error}},
  {"two response topics", "30 [ s'a' [ 08 s'x' 08 s'x' ] 'm' ]", {protocol_error}},
  {"correlation data twice", "30 [ s'a' [ 09 s'x' 09 s'x' ] 'm' ]", {protocol_error}},
  {"two topic aliases", "30 [ s'a' [ 23 0001 23 0001 ] 'm' ]", {protocol_error, 0x94}},
  {"a subscription identifier from a client [v5:MQTT-3.3.4-6]", "30 [ s'a' [ 0b 01 ] 'm' ]", {protocol_error}},
  {"a user property of ill-formed UTF-8 [v5:MQTT-1.5.7-1]", "30 [ s'a' [ 26 s'k' s'\\xff' ] 'm' ]", {malformed}},
  {"a user property with NUL [v5:MQTT-1.5.7-1]", "30 [ s'a' [ 26 s'\\x00' s'v' ] 'm' ]", {malformed}},
  {"a user property without its value", "30 [ s'a' [ 26 s'k' ] 'm' ]", {malformed}},
  {"a content type of ill-formed UTF-8 [v5:MQTT-3.3.2-19]", "30 [ s'a' [ 03 s'\\xff' ] 'm' ]", {malformed}},
  {"a response topic of ill-formed UTF-8 [v5:MQTT-3.3.2-13]", "30 [ s'a' [ 08 s'\\xff' ] 'm' ]", {malformed}},
  {"a subscription identifier of 0", "82 [ 0001 [ 0b 00 ] s'a' 00 ]", {protocol_error}},
  {"two subscription identifiers in SUBSCRIBE", "82 [ 0001 [ 0b 01 0b 02 ] s'a' 00 ]", {protocol_error}},
  {"retain handling 3", "82 [ 0001 ~ s'a' 30 ]", {protocol_error, malformed}},
  {"a reason code that PUBACK has not [v5:MQTT-3.4.2-1]", "40 03 0001 7f", {malformed, protocol_error}},
  {"a reason code that PUBREC has not [v5:MQTT-3.5.2-1]", "50 03 0001 7f", {malformed, protocol_error}},
  {"a reason code that PUBREL has not [v5:MQTT-3.6.2-1]", "62 03 0001 10", {malformed, protocol_error}},
  {"a reason code that PUBCOMP has not [v5:MQTT-3.7.2-1]", "70 03 0001 10", {malformed, protocol_error}},
  {"two reason strings in PUBACK", "40 [ 0001 00 [ 1f s'a' 1f s'b' ] ]", {protocol_error}},
  {"a property of CONNACK in PUBACK", "40 [ 0001 00 [ 12 s'a' ] ]", {protocol_error, malformed}},
  {"bytes after the properties of PUBACK", "40 [ 0001 00 00 00 ]", {malformed}},
  {"bytes after the properties of DISCONNECT", "e0 [ 00 00 00 ]", {malformed}},
  {"a reason code that DISCONNECT has not", "e0 01 7f", {malformed, protocol_error}},
  {"a session expiry twice in DISCONNECT", "e0 [ 00 [ 11 00000000 11 00000000 ] ]", {protocol_error}},
  {"AUTH without an authentication method in CONNECT [v5:MQTT-4.12.0-7]", "f0 [ 18 [ 15 s'x' ] ]", {protocol_error}},
  {"AUTH with flags [v5:MQTT-3.15.1-1]", "f1 [ 18 [ 15 s'x' ] ]", {malformed}},
};
// clang-format on

void check_ends(on_every_channel& where, version v, const bad_packet& bad) {
  INFO(bad.what << ": " << bad.bytes);
  const auto t = where.unique();
  auto bystander = where.connect(v);
  bystander.subscribe(t);
  auto a = where.connect(v);
  a.send(bad.bytes);
  a.expect_ended(bad.reasons);
  bystander.publish({.topic = t, .payload = "undisturbed"});
  bystander.expect("30 [ s'{}' ~ 'undisturbed' ]", t);
}

} // namespace

TEST_CASE_METHOD(on_every_channel,
                 "a packet that breaks the rules ends its connection and disturbs no other "
                 "[v3:MQTT-4.8.0-1] [v3:MQTT-2.2.2-1] [v5:MQTT-4.13.1-1] [v5:MQTT-4.13.2-1]",
                 "[malformed][not-mosquitto]") {
  const auto v = GENERATE(version::v311, version::v5);
  const auto bad = GENERATE(from_range(in_311_and_5));
  check_ends(*this, v, bad);
}

TEST_CASE_METHOD(on_every_channel,
                 "a packet that breaks the rules of MQTT 3 closes its connection "
                 "[v3:MQTT-4.8.0-1]",
                 "[malformed][not-mosquitto]") {
  const auto v = GENERATE(version::v31, version::v311);
  const auto bad = GENERATE(from_range(in_version_3));
  check_ends(*this, v, bad);
}

TEST_CASE_METHOD(on_every_channel,
                 "a packet that breaks the rules of MQTT 5 ends its connection with the reason "
                 "[v5:MQTT-4.13.1-1]",
                 "[malformed][not-mosquitto]") {
  const auto bad = GENERATE(from_range(in_version_5_only));
  check_ends(*this, version::v5, bad);
}

TEST_CASE_METHOD(on_every_channel,
                 "what precedes the bad packet is handled, what follows is not [v5:MQTT-4.13.1-1] "
                 "[v3:MQTT-4.8.0-1]",
                 "[malformed]") {
  const auto v = GENERATE(version::v311, version::v5);
  const auto t = unique();
  auto b = connect(v);
  b.subscribe(t);
  auto a = connect(v);
  a.send("30 [ s'{}' ~ 'before' ] (PUBREL without its flags) 60 02 0001 30 [ s'{}' ~ 'after' ]", t, t);
  b.expect("30 [ s'{}' ~ 'before' ]", t);
  connect(v, {.id = a.id()}).publish({.topic = t, .payload = "next"});
  b.expect("30 [ s'{}' ~ 'next' ]", t);
}

TEST_CASE_METHOD(on_every_channel, "MQTT 3.1 lets SUBSCRIBE, UNSUBSCRIBE and PUBREL come again with DUP (3.1: 2.1)",
                 "[subscribe][qos2]") {
  const auto t = unique();
  auto a = connect(version::v31);
  a.send("8a [ 0001 s'{}' 01 ]", t);
  a.expect("90 03 0001 01");
  a.send("aa [ 0002 s'{}' ]", t);
  a.expect("b0 02 0002");
  a.send("34 [ s'{}' 0003 'm' ]", t);
  a.expect("50 02 0003");
  a.send("6a 02 0003");
  a.expect("70 02 0003");
}

TEST_CASE_METHOD(in_every_version, "a connection that breaks in the midst of a packet is no packet", "[malformed]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect();
  a.send("30 0a 0005 'abc'");
  a.close();
  connect({.id = a.id()}).publish({.topic = t, .payload = "next"});
  b.expect("30 [ s'{}' ~ 'next' ]", t);
}

TEST_CASE_METHOD(in_every_version, "U+FEFF is a character like any other [v3:MQTT-1.5.3-3] [v5:MQTT-1.5.4-3]",
                 "[malformed][topics]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe("\xef\xbb\xbf" + t);
  a.publish({.topic = t, .payload = "without"});
  a.publish({.topic = "\xef\xbb\xbf" + t, .payload = "with"});
  b.expect("30 [ s'\\xef\\xbb\\xbf{}' ~ 'with' ]", t);
}

} // namespace actorbus::conformance
