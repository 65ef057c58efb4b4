#include "conformance.hpp"

#include <algorithm>

namespace actorbus::conformance {

TEST_CASE_METHOD(in_every_version,
                 "a new subscription receives the retained message with RETAIN 1 "
                 "[v3:MQTT-3.3.1-5] [v3:MQTT-3.3.1-6] [v3:MQTT-3.3.1-8] [v5:MQTT-3.3.1-5] "
                 "[v5:MQTT-3.3.1-9]",
                 "[retained]") {
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  auto b = connect();
  b.subscribe(t);
  b.expect("31 [ s'{}' ~ 'kept' ]", t);
}

TEST_CASE_METHOD(in_every_version,
                 "an established subscription receives it with RETAIN 0 [v3:MQTT-3.3.1-9] "
                 "[v5:MQTT-3.3.1-12]",
                 "[retained]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t);
  a.publish({.topic = t, .payload = "live", .retain = true});
  b.expect("30 [ s'{}' ~ 'live' ]", t);
}

TEST_CASE_METHOD(in_every_version,
                 "the last retained message replaces the one before, whatever its QoS "
                 "[v3:MQTT-3.3.1-7] [v5:MQTT-3.3.1-5]",
                 "[retained]") {
  const int first = GENERATE(0, 1, 2);
  const int second = GENERATE(0, 1, 2);
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "old", .qos = first, .retain = true});
  a.publish({.topic = t, .payload = "new", .qos = second, .retain = true});
  a.ping();
  auto b = connect();
  b.subscribe(t, 2);
  b.expect_message({.topic = t, .payload = "new", .qos = second, .retain = true});
  b.ping();
}

TEST_CASE_METHOD(in_every_version,
                 "an empty payload removes the retained message and is delivered itself "
                 "[v3:MQTT-3.3.1-10] [v3:MQTT-3.3.1-11] [v5:MQTT-3.3.1-6] [v5:MQTT-3.3.1-7]",
                 "[retained]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  a.publish({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  b.subscribe(t);
  b.expect("31 [ s'{}' ~ 'kept' ]", t);
  a.publish({.topic = t, .payload = "", .qos = 1, .retain = true});
  b.expect("30 [ s'{}' ~ ]", t);
  auto late = connect();
  late.subscribe(t);
  a.publish({.topic = t, .payload = "live"});
  late.expect("30 [ s'{}' ~ 'live' ]", t);
}

TEST_CASE_METHOD(in_every_version,
                 "a message without RETAIN neither is stored nor replaces what is "
                 "[v3:MQTT-3.3.1-12] [v5:MQTT-3.3.1-8]",
                 "[retained]") {
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  a.publish({.topic = t, .payload = "live", .qos = 1});
  a.publish({.topic = t, .payload = "", .qos = 1});
  auto b = connect();
  b.subscribe(t, 1);
  b.expect_message({.topic = t, .payload = "kept", .qos = 1, .retain = true});
}

TEST_CASE_METHOD(in_every_version,
                 "a retained message arrives with the lower QoS of publication and subscription "
                 "[v5:MQTT-3.8.4-8]",
                 "[retained]") {
  const int published = GENERATE(0, 1, 2);
  const int granted = GENERATE(0, 1, 2);
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "kept", .qos = published, .retain = true});
  a.ping();
  auto b = connect();
  b.subscribe(t, granted);
  b.expect_message({.topic = t, .payload = "kept", .qos = std::min(published, granted), .retain = true});
}

TEST_CASE_METHOD(in_every_version,
                 "a wildcard receives the retained message of each topic it matches "
                 "[v3:MQTT-3.3.1-6] [v5:MQTT-3.3.1-9]",
                 "[retained]") {
  const auto t = unique();
  auto a = connect();
  for (const auto* level : {"/a", "/b", "/b/c", ""})
    a.publish({.topic = t + level, .payload = std::string{"at "} + level, .qos = 1, .retain = true});
  auto b = connect();
  b.subscribe(t + "/+");
  std::vector<std::string> got;
  for (int i = 0; i < 2; ++i) {
    const auto message = b.receive_message();
    CHECK(message.retain());
    got.push_back(message.topic + " " + message.payload);
  }
  std::sort(got.begin(), got.end());
  CHECK(got == std::vector<std::string>{t + "/a at /a", t + "/b at /b"});
  b.ping();
  auto c = connect();
  c.subscribe(t + "/#");
  for (int i = 0; i < 4; ++i)
    CHECK(c.receive_message().retain());
  c.ping();
}

TEST_CASE_METHOD(in_every_version,
                 "retained messages of $-topics are not sent to leading wildcards "
                 "[v3:MQTT-4.7.2-1] [v5:MQTT-4.7.2-1]",
                 "[retained]") {
  const auto u = unique();
  auto a = connect();
  a.publish({.topic = "$of" + u + "/" + u, .payload = "kept", .qos = 1, .retain = true});
  auto b = connect();
  b.subscribe("+/" + u);
  a.publish({.topic = "x/" + u, .payload = "live"});
  b.expect("30 [ s'x/{}' ~ 'live' ]", u);
  b.subscribe("$of" + u + "/+");
  b.expect("31 [ s'$of{}/{}' ~ 'kept' ]", u, u);
}

TEST_CASE_METHOD(in_every_version,
                 "subscribing again sends the retained message again [v3:MQTT-3.8.4-3] "
                 "[v5:MQTT-3.8.4-4]",
                 "[retained]") {
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  auto b = connect();
  for (int i = 0; i < 2; ++i) {
    b.subscribe(t);
    b.expect("31 [ s'{}' ~ 'kept' ]", t);
  }
}

TEST_CASE_METHOD(in_every_version, "retained messages outlive the session that published them [v3:MQTT-3.1.2-7]",
                 "[retained]") {
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  a.disconnect();
  connect({.id = a.id()}).disconnect();
  auto b = connect();
  b.subscribe(t);
  b.expect("31 [ s'{}' ~ 'kept' ]", t);
}

TEST_CASE_METHOD(in_every_version, "a session that returns is not sent retained messages again [v3:MQTT-3.3.1-6]",
                 "[retained]") {
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  auto b = connect({.expiry = 60});
  b.subscribe(t, 1);
  b.expect_message({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  b.disconnect();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  a.publish({.topic = t, .payload = "live", .qos = 1});
  again.expect_message({.topic = t, .payload = "live", .qos = 1});
}

TEST_CASE_METHOD(in_version_5, "a retained message keeps its properties [v5:MQTT-3.3.2-17] [v5:MQTT-3.3.2-20]",
                 "[retained][properties]") {
  const auto format = GENERATE(as<std::uint8_t>{}, 0, 1);
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t,
             .payload = "kept",
             .qos = 1,
             .retain = true,
             .properties =
                 notation("01 {}", format) + " 03 s'text/plain' 08 s'answer' 09 < 00ff > 26 s'b' s'1' 26 s'a' s'2'"});
  auto b = connect();
  b.subscribe(t);
  const auto got = b.receive_message();
  CHECK(got.numbers(property_id::payload_format_indicator) == std::vector<std::uint32_t>{format});
  CHECK(got.text(property_id::content_type) == "text/plain");
  CHECK(got.text(property_id::response_topic) == "answer");
  CHECK(got.text(property_id::correlation_data) == std::string{"\x00\xff", 2});
  CHECK(user_properties(got) == std::vector<std::string>{"b=1", "a=2"});
}

} // namespace actorbus::conformance
