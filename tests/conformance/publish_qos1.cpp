#include "conformance.hpp"

#include <algorithm>
#include <set>

namespace actorbus::conformance {

TEST_CASE_METHOD(in_every_version,
                 "a QoS 1 PUBLISH is answered by PUBACK with its identifier [v3:MQTT-4.3.2-2] "
                 "[v5:MQTT-4.3.2-4] [v3:MQTT-2.3.1-6] [v5:MQTT-2.2.1-5]",
                 "[publish][qos1]") {
  const auto id = GENERATE(as<std::uint16_t>{}, 0x0001, 0x1234, 0xffff);
  auto a = connect();
  a.send("32 [ s'{}' {} ~ 'hello' ]", unique(), id);
  a.expect_acknowledgement(packet_type::puback, id);
}

TEST_CASE_METHOD(in_version_311, "PUBACK in 3.1.1 is four bytes [v3:MQTT-4.3.2-2]", "[publish][qos1]") {
  auto a = connect();
  a.send("32 [ s'{}' 1234 'hello' ]", unique());
  a.expect("40 02 1234");
}

TEST_CASE_METHOD(in_every_version,
                 "a QoS 1 message arrives with QoS 1, DUP 0 and an identifier that is not 0 "
                 "[v3:MQTT-4.3.2-1] [v5:MQTT-4.3.2-2] [v5:MQTT-2.2.1-4] [v3:MQTT-2.3.1-4]",
                 "[publish][qos1]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 1);
  a.send("32 [ s'{}' 0007 ~ 'hello' ]", t);
  CHECK(b.expect("32 [ s'{}' ???? ~ 'hello' ]", t).id != 0);
}

TEST_CASE_METHOD(in_every_version,
                 "a message arrives with the lower QoS of publication and subscription "
                 "[v5:MQTT-3.8.4-8] [v3:MQTT-3.3.5-1]",
                 "[publish][qos1][qos2]") {
  const int published = GENERATE(0, 1, 2);
  const int granted = GENERATE(0, 1, 2);
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, granted);
  a.publish({.topic = t, .payload = "m", .qos = published});
  b.expect_message({.topic = t, .payload = "m", .qos = std::min(published, granted)});
}

TEST_CASE_METHOD(in_every_version, "DUP is not passed on [v3:MQTT-3.3.1-3] [v5:MQTT-3.3.1-3]",
                 "[publish][qos1][qos2]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 2);
  a.send("3a [ s'{}' 0001 ~ 'again' ]", t);
  a.expect_acknowledgement(packet_type::puback, 1);
  b.expect_message({.topic = t, .payload = "again", .qos = 1});
  a.send("3c [ s'{}' 0002 ~ 'twice' ]", t);
  a.expect_acknowledgement(packet_type::pubrec, 2);
  a.send("62 02 0002");
  a.expect_acknowledgement(packet_type::pubcomp, 2);
  b.expect_message({.topic = t, .payload = "twice", .qos = 2});
}

TEST_CASE_METHOD(in_every_version,
                 "after its PUBACK an identifier stands for a new message, DUP or not "
                 "[v3:MQTT-4.3.2-2] [v5:MQTT-4.3.2-5]",
                 "[publish][qos1]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 1);
  for (const auto* payload : {"first", "second"}) {
    a.send("3a [ s'{}' 0001 ~ '{}' ]", t, payload);
    a.expect_acknowledgement(packet_type::puback, 1);
  }
  b.expect_message({.topic = t, .payload = "first", .qos = 1});
  b.expect_message({.topic = t, .payload = "second", .qos = 1});
}

TEST_CASE_METHOD(in_every_version,
                 "messages in flight have different identifiers [v5:MQTT-2.2.1-4] [v5:MQTT-4.3.2-1] "
                 "[v5:MQTT-4.3.3-1] [v3:MQTT-2.3.1-4]",
                 "[publish][qos1][qos2]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 2);
  std::set<int> ids;
  for (int i = 0; i < 10; ++i) {
    a.publish({.topic = t, .payload = "m", .qos = 1 + i % 2});
    ids.insert(b.receive(packet_type::publish).id);
  }
  CHECK(ids.size() == 10);
  CHECK(ids.count(0) == 0);
}

TEST_CASE_METHOD(in_every_version,
                 "what is not acknowledged is not sent again on the same connection "
                 "[v5:MQTT-4.4.0-1] [v3:MQTT-4.3.2-1]",
                 "[publish][qos1][qos2][time]") {
  const int qos = GENERATE(1, 2);
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, qos);
  a.publish({.topic = t, .payload = "once", .qos = qos});
  b.receive(packet_type::publish);
  let_pass(time_is_virtual() ? std::chrono::hours{1} : std::chrono::milliseconds{0});
  b.ping();
}

TEST_CASE_METHOD(in_every_version, "PUBACKs come in the order of the PUBLISHes [v3:MQTT-4.6.0-2] [v5:MQTT-4.6.0-2]",
                 "[publish][qos1]") {
  auto a = connect();
  byte_vector together;
  for (std::uint16_t id = 20; id > 0; --id) {
    const auto one = exact(parse_notation(notation("32 [ s'{}' {} ~ 'm' ]", unique(), id), v));
    together.insert(together.end(), one.begin(), one.end());
  }
  a.send(together);
  for (std::uint16_t id = 20; id > 0; --id)
    a.expect_acknowledgement(packet_type::puback, id);
}

TEST_CASE_METHOD(in_every_version, "a PUBACK for nothing is ignored", "[publish][qos1]") {
  auto a = connect();
  a.send("40 02 4321");
  a.ping();
}

TEST_CASE_METHOD(in_version_5, "PUBACK is understood in each of its lengths (3.4.2.1)", "[publish][qos1]") {
  const std::string rest = GENERATE("", "00", "00 00", "10 [ 1f s'nobody' 26 s'k' s'v' ]");
  INFO(rest);
  const auto t = unique();
  auto a = connect();
  auto b = connect({.properties = "(receive maximum) 21 0001"});
  b.subscribe(t, 1);
  for (int i = 0; i < 3; ++i) {
    a.publish({.topic = t, .payload = std::to_string(i), .qos = 1});
    const auto got = b.receive(packet_type::publish);
    CHECK(got.payload == std::to_string(i));
    b.send("40 [ {} " + rest + " ]", got.id);
  }
}

TEST_CASE_METHOD(in_version_5, "an error in PUBACK acknowledges all the same [v5:MQTT-4.4.0-2]", "[publish][qos1]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 1);
  a.publish({.topic = t, .payload = "refused", .qos = 1});
  const auto got = b.receive(packet_type::publish);
  b.send("40 03 {} (quota exceeded) 97", got.id);
  b.ping();
  b.close();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  CHECK(again.session_present());
  a.publish({.topic = t, .payload = "next", .qos = 1});
  again.expect_message({.topic = t, .payload = "next", .qos = 1});
}

} // namespace actorbus::conformance
