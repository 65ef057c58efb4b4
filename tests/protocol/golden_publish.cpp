#include "golden.hpp"

namespace actorbus::protocol {

namespace {

constexpr auto client = sender::client;
constexpr auto server = sender::server;
using enum property_id;

publish message(std::string_view payload = "hi") {
  return {.topic = "a/b", .payload = as_bytes(payload)};
}

publish with_all_properties() {
  auto result = message();
  result.qos = qos::at_least_once;
  result.packet_id = 0x1234;
  result.properties = keep(property_list{}
                               .add(payload_format_indicator, 1)
                               .add(message_expiry_interval, 0)
                               .add(topic_alias, 0xFFFF)
                               .add(response_topic, "r/t")
                               .add(correlation_data, std::string_view{"\0\x01", 2})
                               .add_user("k", "v")
                               .add_user("k", "v")
                               .add(subscription_identifier, 1)
                               .add(subscription_identifier, variable_byte_integer_max)
                               .add(content_type, "text"));
  result.topic_alias = 0xFFFF;
  result.has_message_expiry = true;
  return result;
}

} // namespace

std::vector<golden> golden_publishes() {
  auto retained = message();
  retained.retain = true;
  auto again = message();
  again.dup = true;
  again.qos = qos::at_least_once;
  again.packet_id = 1;
  auto exact = message("");
  exact.qos = qos::exactly_once;
  exact.packet_id = 0xFFFF;
  auto by_alias = message();
  by_alias.topic = "";
  by_alias.topic_alias = 2;
  by_alias.properties = keep(property_list{}.add(topic_alias, 2));
  auto expiring = message();
  expiring.has_message_expiry = true;
  expiring.message_expiry_interval_seconds = 0x01020304;
  expiring.properties = keep(property_list{}.add(message_expiry_interval, 0x01020304));
  auto long_one = message();
  long_one.payload = keep_bytes("'x'*123");
  auto longer = message();
  longer.payload = keep_bytes("'x'*16379");
  auto unicode = message();
  unicode.topic = "\xEF\xBB\xBF\xC3\xBC/\xF0\x9F\x98\x80";
  return {
      {"QoS 0 has no packet identifier [v3:MQTT-2.3.1-5]", v3_1_1, client, bytes("30 07 00 03 'a/b' 'hi'"), message()},
      {"3.1 writes the same", v3_1, server, bytes("30 07 00 03 'a/b' 'hi'"), message()},
      {"an empty payload is a payload [v3:MQTT-3.3.1-11]", v3_1_1, server, bytes("30 05 00 03 'a/b'"), message("")},
      {"RETAIN is bit 0 [v3:MQTT-3.3.1-5]", v3_1_1, client, bytes("31 07 00 03 'a/b' 'hi'"), retained},
      {"DUP is bit 3, QoS 1 has an identifier [v3:MQTT-3.3.1-1]", v3_1_1, client, bytes("3A 09 00 03 'a/b' 00 01 'hi'"),
       again},
      {"QoS 2 is bit 2 [v3:MQTT-2.3.1-1]", v3_1_1, server, bytes("34 07 00 03 'a/b' FF FF"), exact},
      {"a remaining length of 128 takes two bytes [v5:MQTT-1.5.5-1]", v3_1_1, client,
       bytes("30 80 01 00 03 'a/b' 'x'*123"), long_one},
      {"a remaining length of 16 384 takes three bytes [v5:MQTT-1.5.5-1]", v3_1_1, client,
       bytes("30 80 80 01 00 03 'a/b' 'x'*16379"), longer},
      {"U+FEFF and four-byte characters stay as they are [v3:MQTT-1.5.3-3]", v3_1_1, client,
       bytes("30 0E 00 0A EFBBBF C3BC '/' F09F9880 'hi'"), unicode},
      {"5.0 has a property length even without properties [v5:MQTT-2.2.2-1]", v5, client,
       bytes("30 08 00 03 'a/b' 00 'hi'"), message()},
      {"the topic may be empty when there is an alias [v5: 3.3.2.1]", v5, client, bytes("30 08 00 00 03 23 0002 'hi'"),
       by_alias},
      {"the message expiry interval is found while decoding [v5:MQTT-3.3.2-6]", v5, server,
       bytes("30 0D 00 03 'a/b' 05 02 01020304 'hi'"), expiring},
      {"all properties of PUBLISH, identifiers and user properties twice [v5:MQTT-3.3.4-4]", v5, server,
       bytes("32 3B 00 03 'a/b' 12 34 31 01 01 02 00000000 23 FFFF 08 00 03 'r/t' 09 00 02 0001"
             " 26 00 01 'k' 00 01 'v' 26 00 01 'k' 00 01 'v' 0B 01 0B FFFFFF7F"
             " 03 00 04 'text' 'hi'"),
       with_all_properties()},
  };
}

} // namespace actorbus::protocol
