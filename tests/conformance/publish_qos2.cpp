#include "conformance.hpp"

namespace actorbus::conformance {

TEST_CASE_METHOD(in_version_311,
                 "a QoS 2 publication is PUBLISH, PUBREC, PUBREL, PUBCOMP [v3:MQTT-4.3.3-2] "
                 "[v3:MQTT-2.3.1-6]",
                 "[publish][qos2]") {
  auto a = connect();
  a.send("34 [ s'{}' 1234 'hello' ]", unique());
  a.expect("50 02 1234");
  a.send("62 02 1234");
  a.expect("70 02 1234");
}

TEST_CASE_METHOD(in_every_version,
                 "the four packets of QoS 2 carry one identifier [v5:MQTT-4.3.3-8] "
                 "[v5:MQTT-4.3.3-11] [v5:MQTT-2.2.1-5] [v5:MQTT-3.5.2-1] [v5:MQTT-3.7.2-1]",
                 "[publish][qos2]") {
  const auto id = GENERATE(as<std::uint16_t>{}, 0x0001, 0x1234, 0xffff);
  auto a = connect();
  a.send("34 [ s'{}' {} ~ 'hello' ]", unique(), id);
  a.expect_acknowledgement(packet_type::pubrec, id);
  a.send("62 02 {}", id);
  a.expect_acknowledgement(packet_type::pubcomp, id);
}

TEST_CASE_METHOD(in_every_version,
                 "a QoS 2 message is delivered by PUBLISH, PUBREC, PUBREL, PUBCOMP "
                 "[v3:MQTT-4.3.3-1] [v5:MQTT-4.3.3-2] [v5:MQTT-4.3.3-4] [v3:MQTT-3.6.1-1]",
                 "[publish][qos2]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 2);
  a.publish({.topic = t, .payload = "hello", .qos = 2});
  const auto id = b.expect("34 [ s'{}' ???? ~ 'hello' ]", t).id;
  CHECK(id != 0);
  b.send("50 02 {}", id);
  b.expect_acknowledgement(packet_type::pubrel, id);
  b.send("70 02 {}", id);
  b.ping();
}

TEST_CASE_METHOD(in_every_version,
                 "until the PUBREL the same identifier is the same message [v3:MQTT-4.3.3-2] "
                 "[v5:MQTT-4.3.3-10]",
                 "[publish][qos2][not-mosquitto]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 2);
  for (int i = 0; i < 3; ++i) {
    a.send("{} [ s'{}' 0001 ~ 'once' ]", static_cast<std::uint8_t>(i == 0 ? 0x34 : 0x3c), t);
    a.expect_acknowledgement(packet_type::pubrec, 1);
  }
  a.send("62 02 0001");
  a.expect_acknowledgement(packet_type::pubcomp, 1);
  a.publish({.topic = t, .payload = "next", .qos = 2});
  b.expect_message({.topic = t, .payload = "once", .qos = 2});
  b.expect_message({.topic = t, .payload = "next", .qos = 2});
}

TEST_CASE_METHOD(in_every_version,
                 "after the PUBCOMP the same identifier is a new message [v3:MQTT-4.3.3-2] "
                 "[v5:MQTT-4.3.3-12]",
                 "[publish][qos2]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 2);
  for (const auto* payload : {"first", "second"}) {
    a.send("34 [ s'{}' 0001 ~ '{}' ]", t, payload);
    a.expect_acknowledgement(packet_type::pubrec, 1);
    a.send("62 02 0001");
    a.expect_acknowledgement(packet_type::pubcomp, 1);
    b.expect_message({.topic = t, .payload = payload, .qos = 2});
  }
}

TEST_CASE_METHOD(in_every_version, "a PUBREL for nothing is answered by PUBCOMP [v5:MQTT-4.3.3-11] [v3:MQTT-4.3.3-2]",
                 "[publish][qos2]") {
  auto a = connect();
  a.send("62 02 4321");
  const auto answer = a.receive(packet_type::pubcomp);
  CHECK(answer.id == 0x4321);
  CHECK((answer.reason() == 0x00 || answer.reason() == 0x92));
  a.ping();
}

TEST_CASE_METHOD(in_every_version, "a PUBCOMP for nothing is ignored", "[publish][qos2]") {
  auto a = connect();
  a.send("70 02 4321");
  a.ping();
}

TEST_CASE_METHOD(in_every_version, "both directions number their packets independently (4.3.3, figure 4.3)",
                 "[publish][qos2]") {
  const auto to_b = unique();
  const auto from_b = unique();
  auto a = connect();
  auto b = connect();
  a.subscribe(from_b, 2);
  b.subscribe(to_b, 2);
  a.publish({.topic = to_b, .payload = "to b", .qos = 2});
  const auto id = b.receive(packet_type::publish).id;
  b.send("34 [ s'{}' {} ~ 'from b' ]", from_b, id);
  b.expect_acknowledgement(packet_type::pubrec, id);
  b.send("62 02 {}", id);
  b.expect_acknowledgement(packet_type::pubcomp, id);
  b.send("50 02 {}", id);
  b.expect_acknowledgement(packet_type::pubrel, id);
  b.send("70 02 {}", id);
  a.expect_message({.topic = from_b, .payload = "from b", .qos = 2});
  b.ping();
}

TEST_CASE_METHOD(in_every_version,
                 "QoS 2 publications may be woven into each other [v3:MQTT-4.3.3-2] "
                 "[v5:MQTT-4.3.3-8]",
                 "[publish][qos2]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 2);
  a.send("34 [ s'{}' 0001 ~ '1' ] 34 [ s'{}' 0002 ~ '2' ] 34 [ s'{}' 0003 ~ '3' ]", t, t, t);
  for (std::uint16_t id = 1; id <= 3; ++id)
    a.expect_acknowledgement(packet_type::pubrec, id);
  a.send("62 02 0001 62 02 0002 62 02 0003");
  for (std::uint16_t id = 1; id <= 3; ++id)
    a.expect_acknowledgement(packet_type::pubcomp, id);
  for (const auto* payload : {"1", "2", "3"})
    b.expect_message({.topic = t, .payload = payload, .qos = 2});
}

TEST_CASE_METHOD(in_version_5,
                 "an error in PUBREC ends the delivery without PUBREL [v5:MQTT-4.3.3-4] "
                 "[v5:MQTT-4.4.0-2]",
                 "[publish][qos2]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 2);
  a.publish({.topic = t, .payload = "refused", .qos = 2});
  const auto got = b.receive(packet_type::publish);
  b.send("50 03 {} (quota exceeded) 97", got.id);
  b.ping();
  b.close();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  CHECK(again.session_present());
  a.publish({.topic = t, .payload = "next", .qos = 2});
  again.expect_message({.topic = t, .payload = "next", .qos = 2});
}

TEST_CASE_METHOD(in_version_5, "PUBREC and PUBCOMP are understood in each of their lengths (3.5.2.1, 3.7.2.1)",
                 "[publish][qos2]") {
  const std::string rest = GENERATE("", "00", "00 00", "00 [ 1f s'fine' 26 s'k' s'v' ]");
  INFO(rest);
  const auto t = unique();
  auto a = connect();
  auto b = connect({.properties = "(receive maximum) 21 0001"});
  b.subscribe(t, 2);
  for (int i = 0; i < 3; ++i) {
    a.publish({.topic = t, .payload = std::to_string(i), .qos = 2});
    const auto got = b.receive(packet_type::publish);
    CHECK(got.payload == std::to_string(i));
    b.send("50 [ {} " + rest + " ]", got.id);
    b.expect_acknowledgement(packet_type::pubrel, got.id);
    b.send("70 [ {} " + rest + " ]", got.id);
  }
}

TEST_CASE_METHOD(in_version_5, "PUBREL is understood in each of its lengths (3.6.2.1)", "[publish][qos2]") {
  const std::string rest = GENERATE("", "00", "00 00", "00 [ 1f s'fine' 26 s'k' s'v' ]");
  INFO(rest);
  auto a = connect();
  a.send("34 [ s'{}' 0001 ~ 'm' ]", unique());
  a.expect_acknowledgement(packet_type::pubrec, 1);
  a.send("62 [ 0001 " + rest + " ]");
  a.expect_acknowledgement(packet_type::pubcomp, 1);
}

TEST_CASE_METHOD(in_version_5, "a publication is completed although it expires meanwhile [v5:MQTT-4.3.3-13]",
                 "[publish][qos2][time]") {
  const auto t = unique();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 2);
  b.disconnect();
  auto a = connect();
  a.send("34 [ s'{}' 0001 [ (message expiry) 02 00000001 ] 'm' ]", t);
  a.expect_acknowledgement(packet_type::pubrec, 1);
  let_pass(std::chrono::milliseconds{1100});
  a.send("3c [ s'{}' 0001 [ 02 00000001 ] 'm' ]", t);
  a.expect_acknowledgement(packet_type::pubrec, 1);
  a.send("62 02 0001");
  a.expect_acknowledgement(packet_type::pubcomp, 1);
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  again.ping();
}

TEST_CASE_METHOD(in_version_5,
                 "after a PUBREC with an error the same identifier is a new message [v5:MQTT-4.3.3-9] "
                 "[v5:MQTT-3.5.2-1]",
                 "[publish][qos2][limits]") {
  limit({.payload_check_bytes_max = 1000});
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 2);
  a.send("34 [ s'{}' 0001 [ (text) 01 01 ] < ff > ]", t);
  CHECK(static_cast<int>(a.receive(packet_type::pubrec).reason()) == 0x99);
  a.send("34 [ s'{}' 0001 ~ 'new' ]", t);
  a.expect_acknowledgement(packet_type::pubrec, 1);
  b.expect_message({.topic = t, .payload = "new", .qos = 2});
}

} // namespace actorbus::conformance
