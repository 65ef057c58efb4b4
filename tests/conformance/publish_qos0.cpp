#include "conformance.hpp"

namespace actorbus::conformance {

TEST_CASE_METHOD(in_every_version,
                 "a QoS 0 message arrives with QoS 0, DUP 0 and no packet identifier "
                 "[v3:MQTT-4.3.1-1] [v5:MQTT-4.3.1-1] [v3:MQTT-2.3.1-5] [v5:MQTT-2.2.1-2]",
                 "[publish][qos0]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t);
  a.send("30 [ s'{}' ~ 'hello' ]", t);
  b.expect("30 [ s'{}' ~ 'hello' ]", t);
}

TEST_CASE_METHOD(in_every_version, "a QoS 0 message is not answered [v3:MQTT-3.3.4-1] [v5:MQTT-3.3.4-1]",
                 "[publish][qos0]") {
  auto a = connect();
  a.send("30 [ s'{}' ~ 'hello' ]", unique());
  a.ping();
}

TEST_CASE_METHOD(in_every_version, "an empty payload arrives as an empty payload", "[publish][qos0]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t);
  a.send("30 [ s'{}' ~ ]", t);
  b.expect("30 [ s'{}' ~ ]", t);
}

TEST_CASE_METHOD(in_every_version, "payloads are bytes, each of the 256", "[publish][qos0]") {
  const auto t = unique();
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  auto a = connect();
  auto b = connect();
  b.subscribe(t);
  a.publish({.topic = t, .payload = all});
  CHECK(b.receive_message().payload == all);
}

TEST_CASE_METHOD(in_every_version, "every width of the remaining length arrives whole (2.2.3)", "[publish][qos0]") {
  const auto remaining = GENERATE(as<std::size_t>{}, 127, 128, 16'383, 16'384, 2'097'151, 2'097'152);
  INFO("remaining length " << remaining);
  const auto t = unique();
  const auto around = 2 + t.size() + (v == version::v5 ? 1 : 0);
  std::string payload(remaining - around, 'x');
  payload.front() = '<';
  payload.back() = '>';
  auto a = connect();
  auto b = connect();
  b.subscribe(t);
  a.publish({.topic = t, .payload = payload});
  const auto got = b.receive_message();
  CHECK(got.payload == payload);
}

TEST_CASE_METHOD(in_every_version, "topics and filters may have 65,535 bytes [v5:MQTT-4.7.3-3]", "[publish][topics]") {
  auto t = unique();
  t.resize(65'535, 'x');
  auto a = connect();
  auto b = connect();
  b.subscribe(t);
  a.publish({.topic = t, .payload = "m"});
  b.expect_message({.topic = t, .payload = "m"});
}

TEST_CASE_METHOD(in_every_version, "every subscriber receives one copy [v3:MQTT-4.5.0-1] [v5:MQTT-4.5.0-1]",
                 "[publish][qos0]") {
  const auto t = unique();
  auto a = connect();
  std::vector<client> subscribers;
  for (int i = 0; i < 5; ++i) {
    subscribers.push_back(connect());
    subscribers.back().subscribe(t);
  }
  a.send("30 [ s'{}' ~ '1' ] 30 [ s'{}' ~ '2' ]", t, t);
  for (auto& b : subscribers)
    b.expect("30 [ s'{}' ~ '1' ] 30 [ s'{}' ~ '2' ]", t, t);
}

TEST_CASE_METHOD(in_every_version, "a publisher that subscribes receives its own messages", "[publish][qos0]") {
  const auto t = unique();
  auto a = connect();
  a.subscribe(t);
  a.send("30 [ s'{}' ~ 'echo' ]", t);
  a.expect("30 [ s'{}' ~ 'echo' ]", t);
}

TEST_CASE_METHOD(on_every_channel, "messages cross between the versions of MQTT", "[publish]") {
  const auto from = GENERATE(version::v31, version::v311, version::v5);
  const auto to = GENERATE(version::v31, version::v311, version::v5);
  const auto t = unique();
  auto a = on_every_channel::connect(from);
  auto b = on_every_channel::connect(to);
  b.subscribe(t, 2);
  for (int qos = 0; qos <= 2; ++qos) {
    a.publish({.topic = t, .payload = "m", .qos = qos});
    CHECK(b.expect_message({.topic = t, .payload = "m", .qos = qos}).properties.empty());
  }
}

TEST_CASE_METHOD(in_every_version, "a message may come a byte at a time", "[publish][qos0]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t);
  for (const auto byte : exact(parse_notation(notation("30 [ s'{}' ~ 'slow' ]", t), v)))
    a.send(byte_vector{byte});
  b.expect("30 [ s'{}' ~ 'slow' ]", t);
}

TEST_CASE_METHOD(in_every_version, "many messages may come in one write, and arrive whole and in order [v5:MQTT-4.2-1]",
                 "[publish][qos0]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t);
  a.send("{ 30 [ s'{}' ~ 'one' ] }*1000 30 [ s'{}' ~ 'last' ]", t, t);
  b.expect("{ 30 [ s'{}' ~ 'one' ] }*1000 30 [ s'{}' ~ 'last' ]", t, t);
}

} // namespace actorbus::conformance
