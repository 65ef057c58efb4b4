#include "conformance.hpp"

#include <algorithm>

namespace actorbus::conformance {

TEST_CASE_METHOD(in_every_version,
                 "overlapping subscriptions bring one copy at the highest QoS [v3:MQTT-3.3.5-1] "
                 "[v5:MQTT-3.3.4-2]",
                 "[overlapping][not-mosquitto]") {
  const auto [first, second, third] = GENERATE(table<int, int, int>({{0, 1, 2}, {2, 1, 0}, {1, 0, 1}, {0, 2, 0}}));
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t + "/a", first);
  b.subscribe(t + "/+", second);
  b.subscribe(t + "/#", third);
  const auto highest = std::max({first, second, third});
  for (const auto* payload : {"one", "two"}) {
    a.publish({.topic = t + "/a", .payload = payload, .qos = 2});
    b.expect_message({.topic = t + "/a", .payload = payload, .qos = highest});
  }
}

TEST_CASE_METHOD(in_version_5, "the one copy has every matching identifier [v5:MQTT-3.3.4-3] [v5:MQTT-3.3.4-4]",
                 "[overlapping][subscription_identifiers][not-mosquitto]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t + "/a", 0, "0b 01");
  b.subscribe(t + "/+", 2, "0b 02");
  b.subscribe(t + "/#", 1);
  b.subscribe(t + "/a/#", 1, "0b 8002");
  b.subscribe(t + "/b", 1, "0b 04");
  a.publish({.topic = t + "/a", .payload = "m", .qos = 2});
  auto got = b.receive_message();
  auto ids = got.numbers(property_id::subscription_identifier);
  std::sort(ids.begin(), ids.end());
  CHECK(got.qos() == 2);
  CHECK(ids == std::vector<std::uint32_t>{1, 2, 256});
  b.ping();
}

TEST_CASE_METHOD(in_every_version, "a session that is away has one copy waiting [v3:MQTT-3.3.5-1] [v5:MQTT-3.3.4-2]",
                 "[overlapping][session][not-mosquitto]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t + "/a", 1);
  b.subscribe(t + "/#", 2);
  b.disconnect();
  a.publish({.topic = t + "/a", .payload = "m", .qos = 2});
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  again.expect_message({.topic = t + "/a", .payload = "m", .qos = 2});
  again.ping();
}

TEST_CASE_METHOD(in_every_version,
                 "a subscription that goes leaves the others [v3:MQTT-3.10.4-4] "
                 "[v5:MQTT-3.10.4-1]",
                 "[overlapping][unsubscribe]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t + "/a", 2);
  b.subscribe(t + "/#", 0);
  b.unsubscribe(t + "/a");
  a.publish({.topic = t + "/a", .payload = "m", .qos = 2});
  b.expect("30 [ s'{}/a' ~ 'm' ]", t);
}

TEST_CASE_METHOD(in_every_version,
                 "each of two overlapping filters in one SUBSCRIBE brings its retained message "
                 "[v3:MQTT-3.8.4-4] [v5:MQTT-3.8.4-5]",
                 "[overlapping][retained]") {
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t + "/a", .payload = "kept", .qos = 1, .retain = true});
  auto b = connect();
  b.send("82 [ 0001 ~ s'{}/a' 00 s'{}/+' 00 ]", t, t);
  CHECK(b.receive_ahead(packet_type::suback).reasons.size() == 2);
  for (int i = 0; i < 2; ++i)
    b.expect("31 [ s'{}/a' ~ 'kept' ]", t);
  b.ping();
}

} // namespace actorbus::conformance
