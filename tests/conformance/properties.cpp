#include "conformance.hpp"

namespace actorbus::conformance {

TEST_CASE_METHOD(in_version_5,
                 "a property of PUBLISH is handed on as it is and nothing is added [v5:MQTT-3.3.2-4] "
                 "[v5:MQTT-3.3.2-15] [v5:MQTT-3.3.2-16] [v5:MQTT-3.3.2-17] [v5:MQTT-3.3.2-20] "
                 "[v5:MQTT-3.3.2-13] [v5:MQTT-3.3.2-19]",
                 "[properties]") {
  const std::string properties =
      GENERATE("", "01 00", "01 01", "03 s''", "03 s'text/plain'", "03 s'\\xc3\\xa9'", "08 s'answer/to'", "09 0000",
               "09 < 00 ff 80 >", "26 s'' s''", "26 s'key' s'value'", "26 s'\\xe6\\x97\\xa5' s'\\xf0\\x9f\\xa6\\x8a'");
  INFO(properties);
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 1);
  a.send("30 [ s'{}' [ " + properties + " ] 'm' ]", t);
  b.expect("30 [ s'{}' [ " + properties + " ] 'm' ]", t);
  a.send("32 [ s'{}' 0001 [ " + properties + " ] 'm' ]", t);
  b.expect("32 [ s'{}' ???? [ " + properties + " ] 'm' ]", t);
}

TEST_CASE_METHOD(in_version_5,
                 "user properties keep their order, repeated names and all [v5:MQTT-3.3.2-17] "
                 "[v5:MQTT-3.3.2-18]",
                 "[properties]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t);
  a.send("30 [ s'{}' [ 26 s'b' s'1' 26 s'a' s'2' 26 s'b' s'1' 26 s'b' s'0' 26 s'' s'x' ] 'm' ]", t);
  CHECK(user_properties(b.receive_message()) == std::vector<std::string>{"b=1", "a=2", "b=1", "b=0", "=x"});
}

TEST_CASE_METHOD(in_version_5, "all properties together arrive, between user properties too [v5:MQTT-3.3.2-18]",
                 "[properties]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t);
  a.send("30 [ s'{}' [ 26 s'k' s'1' 09 < 0102 > 26 s'k' s'2' 03 s'text' 08 s'answer' 01 01 26 s'j' s'3' ] 'm' ]", t);
  const auto got = b.receive_message();
  CHECK(got.properties.size() == 7);
  CHECK(user_properties(got) == std::vector<std::string>{"k=1", "k=2", "j=3"});
  CHECK(got.text(property_id::correlation_data) == "\x01\x02");
  CHECK(got.text(property_id::content_type) == "text");
  CHECK(got.text(property_id::response_topic) == "answer");
  CHECK(got.number_or(property_id::payload_format_indicator, 9) == 1);
}

TEST_CASE_METHOD(in_version_5, "many and long user properties arrive whole [v5:MQTT-3.3.2-17]", "[properties]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t);
  a.send("30 [ s'{}' [ { 26 s'name' < 78*200 > }*100 ] 'm' ]", t);
  b.expect("30 [ s'{}' [ { 26 s'name' < 78*200 > }*100 ] 'm' ]", t);
}

TEST_CASE_METHOD(on_every_channel, "a subscriber of MQTT 3 receives the message without properties", "[properties]") {
  const auto v = GENERATE(version::v31, version::v311);
  const auto t = unique();
  auto a = connect(version::v5);
  auto b = connect(v);
  b.subscribe(t, 1);
  a.publish({.topic = t, .payload = "m", .qos = 0, .properties = "01 01 03 s'text' 26 s'k' s'v'"});
  b.expect("30 [ s'{}' 'm' ]", t);
}

TEST_CASE_METHOD(in_version_5, "the message expiry interval arrives less the time it waited [v5:MQTT-3.3.2-6]",
                 "[properties][time]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 1);
  a.publish({.topic = t, .payload = "at once", .qos = 1, .properties = "02 0000012c"});
  const auto fast = b.receive_message().number_or(property_id::message_expiry_interval, 0);
  CHECK(fast <= 300);
  CHECK(fast >= 295);
  b.disconnect();
  a.publish({.topic = t, .payload = "waited", .qos = 1, .properties = "02 0000012c"});
  let_pass(std::chrono::milliseconds{2100});
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  const auto slow = again.receive_message().number_or(property_id::message_expiry_interval, 0);
  CHECK(slow <= 298);
  CHECK(slow >= (time_is_virtual() ? 297 : 280));
}

TEST_CASE_METHOD(in_version_5, "a message that waited beyond its expiry is not delivered [v5:MQTT-3.3.2-5]",
                 "[properties][time]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 1);
  b.disconnect();
  a.publish({.topic = t, .payload = "short", .qos = 1, .properties = "02 00000001"});
  a.publish({.topic = t, .payload = "long", .qos = 1, .properties = "02 0000012c"});
  let_pass(std::chrono::milliseconds{1200});
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  CHECK(again.receive_message().payload == "long");
  again.ping();
}

TEST_CASE_METHOD(in_version_5,
                 "a retained message counts its expiry down and ends with it [v5:MQTT-3.3.2-6] "
                 "[v5:MQTT-3.3.2-5]",
                 "[properties][retained][time]") {
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t + "/short", .payload = "short", .qos = 1, .retain = true, .properties = "02 00000001"});
  a.publish({.topic = t + "/long", .payload = "long", .qos = 1, .retain = true, .properties = "02 0000012c"});
  let_pass(std::chrono::milliseconds{1200});
  auto b = connect();
  b.subscribe(t + "/+", 1);
  const auto got = b.receive_message();
  CHECK(got.payload == "long");
  CHECK(got.number_or(property_id::message_expiry_interval, 0) <= 299);
  b.ping();
}

TEST_CASE_METHOD(in_version_5, "a message under delivery does not expire [v5:MQTT-4.3.3-7]",
                 "[properties][redelivery][time][not-mosquitto]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 2);
  a.publish({.topic = t, .payload = "begun", .qos = 2, .properties = "02 00000001"});
  const auto first = b.receive(packet_type::publish);
  b.close();
  let_pass(std::chrono::milliseconds{1200});
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  const auto got = again.receive(packet_type::publish);
  CHECK(got.id == first.id);
  CHECK(got.dup());
  again.acknowledge(got);
}

TEST_CASE_METHOD(in_version_5,
                 "a packet larger than the client's maximum is not sent, and counts as delivered "
                 "[v5:MQTT-3.1.2-24] [v5:MQTT-3.1.2-25]",
                 "[properties][packet_size][not-mosquitto]") {
  const int qos = GENERATE(0, 1, 2);
  const auto t = unique();
  auto a = connect();
  auto b = connect({.properties = "(maximum packet size) 27 00000064 (receive maximum) 21 0001"});
  b.subscribe(t, 2);
  a.publish({.topic = t, .payload = std::string(100, 'x'), .qos = qos});
  a.publish({.topic = t, .payload = "small", .qos = qos});
  b.expect_message({.topic = t, .payload = "small", .qos = qos});
}

TEST_CASE_METHOD(in_version_5, "a packet of exactly the client's maximum is sent [v5:MQTT-3.1.2-24]",
                 "[properties][packet_size][not-mosquitto]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.properties = "(maximum packet size) 27 00000064"});
  b.subscribe(t);
  const auto payload = std::string(100 - 2 - 2 - t.size() - 1, 'x');
  a.publish({.topic = t, .payload = payload + "x"});
  a.publish({.topic = t, .payload = payload});
  b.expect("30 62 s'{}' 00 '{}'", t, payload);
}

TEST_CASE_METHOD(in_version_5, "a packet larger than the broker's maximum is answered with 0x95 [v5:MQTT-3.2.2-15]",
                 "[properties][packet_size]") {
  auto a = connect();
  const auto maximum = a.connack().number_or(property_id::maximum_packet_size, 0);
  if (maximum == 0) // the broker sets no limit
    return;
  byte_vector too_large{0x30};
  for (auto rest = maximum; rest > 0; rest /= 128)
    too_large.push_back(static_cast<std::uint8_t>(rest % 128 | (rest >= 128 ? 0x80 : 0)));
  // The announced length is enough to tell, where it arrives by itself.
  if (carries_whole_packets_only())
    too_large.resize(too_large.size() + maximum);
  a.send(too_large);
  a.expect_ended({0x95});
}

} // namespace actorbus::conformance
