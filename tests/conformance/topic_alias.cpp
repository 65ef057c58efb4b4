#include "conformance.hpp"

#include <map>

namespace actorbus::conformance {

namespace {

std::uint16_t alias_maximum(const client& c) {
  return static_cast<std::uint16_t>(c.connack().number_or(property_id::topic_alias_maximum, 0));
}

} // namespace

TEST_CASE_METHOD(in_version_5,
                 "a topic alias stands for its topic, up to the broker's maximum [v5:MQTT-3.3.2-12] "
                 "[v5:MQTT-3.3.2-8]",
                 "[topic_alias]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t + "/#");
  const auto maximum = alias_maximum(a);
  if (maximum == 0)
    return;
  for (const auto alias : {std::uint16_t{1}, maximum}) {
    a.send("30 [ s'{}/{}' [ 23 {} ] 'named' ]", t, alias, alias);
    a.send("30 [ 0000 [ 23 {} ] 'by alias' ]", alias);
    b.expect("30 [ s'{}/{}' 00 'named' ]", t, alias);
    b.expect("30 [ s'{}/{}' 00 'by alias' ]", t, alias);
  }
}

TEST_CASE_METHOD(in_version_5, "a topic alias can be given to another topic (3.3.2.3.4)", "[topic_alias]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t + "/#", 1);
  if (alias_maximum(a) == 0)
    return;
  a.send("30 [ s'{}/first' [ 23 0001 ] '1' ] 30 [ s'{}/second' [ 23 0001 ] '2' ] 30 [ 0000 [ 23 0001 ] '3' ]", t, t);
  b.expect("30 [ s'{}/first' 00 '1' ] 30 [ s'{}/second' 00 '2' ] 30 [ s'{}/second' 00 '3' ]", t, t, t);
  a.send("32 [ 0000 0001 [ 23 0001 ] '4' ]");
  a.expect_acknowledgement(packet_type::puback, 1);
  b.expect_message({.topic = t + "/second", .payload = "4", .qos = 1});
}

TEST_CASE_METHOD(in_version_5,
                 "a topic alias of 0 or beyond the maximum is answered with 0x94 [v5:MQTT-3.3.2-8] "
                 "[v5:MQTT-3.3.2-9] [v5:MQTT-3.2.2-17]",
                 "[topic_alias][not-mosquitto]") {
  auto a = connect();
  const auto maximum = alias_maximum(a);
  const auto alias = GENERATE(as<std::uint16_t>{}, 0, 1);
  if (alias != 0 && maximum == 0xffff)
    return;
  a.send("30 [ s'{}' [ 23 {} ] 'm' ]", unique(), alias == 0 ? alias : static_cast<std::uint16_t>(maximum + 1));
  a.expect_ended({0x94});
}

TEST_CASE_METHOD(in_version_5, "a broker that allows no aliases takes none [v5:MQTT-3.2.2-18]",
                 "[topic_alias][limits]") {
  limit({.topic_alias_max = 0});
  auto a = connect();
  CHECK_FALSE(a.connack().has(property_id::topic_alias_maximum));
  a.send("30 [ s'{}' [ 23 0001 ] 'm' ]", unique());
  a.expect_ended({0x94});
}

TEST_CASE_METHOD(in_version_5, "an empty topic needs an alias, and one that was given: 0x82 (3.3.2.1, 3.3.4)",
                 "[topic_alias][not-mosquitto]") {
  const std::string packet = GENERATE("30 [ 0000 ~ 'm' ]", "30 [ 0000 [ 23 0001 ] 'm' ]");
  INFO(packet);
  auto a = connect();
  a.send(packet);
  a.expect_ended({0x82});
}

TEST_CASE_METHOD(in_version_5, "aliases end with the connection [v5:MQTT-3.3.2-7]", "[topic_alias][not-mosquitto]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect({.expiry = 60});
  if (alias_maximum(a) == 0)
    return;
  a.send("30 [ s'{}' [ 23 0001 ] 'named' ]", t);
  b.expect("30 [ s'{}' 00 'named' ]", t);
  a.close();
  auto again = connect({.id = a.id(), .clean = false, .expiry = 60});
  again.send("30 [ 0000 [ 23 0001 ] 'm' ]");
  again.expect_ended({0x82});
}

TEST_CASE_METHOD(in_version_5, "aliases of one client mean nothing to another [v5:MQTT-3.3.2-7]", "[topic_alias]") {
  const auto t = unique();
  auto a = connect();
  auto c = connect();
  auto b = connect();
  b.subscribe(t + "/#");
  if (alias_maximum(a) == 0)
    return;
  a.send("30 [ s'{}/a' [ 23 0001 ] 'a' ]", t);
  b.expect("30 [ s'{}/a' 00 'a' ]", t);
  c.send("30 [ s'{}/c' [ 23 0001 ] 'c' ]", t);
  b.expect("30 [ s'{}/c' 00 'c' ]", t);
  a.send("30 [ 0000 [ 23 0001 ] 'a again' ]");
  b.expect("30 [ s'{}/a' 00 'a again' ]", t);
}

TEST_CASE_METHOD(in_version_5,
                 "the broker uses no alias where the client allows none [v5:MQTT-3.1.2-27] "
                 "[v5:MQTT-3.3.2-11]",
                 "[topic_alias]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t);
  for (int i = 0; i < 3; ++i) {
    a.publish({.topic = t, .payload = "m"});
    b.expect("30 [ s'{}' 00 'm' ]", t);
  }
}

TEST_CASE_METHOD(in_version_5,
                 "the broker's aliases keep to the client's maximum and name what they stand for "
                 "[v5:MQTT-3.1.2-26] [v5:MQTT-3.3.2-11] [v5:MQTT-3.3.2-8]",
                 "[topic_alias]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.properties = "(topic alias maximum) 22 0002"});
  b.subscribe(t + "/#");
  std::map<std::uint32_t, std::string> given;
  for (int i = 0; i < 30; ++i) {
    const auto topic = t + "/" + std::to_string(i * i % 5);
    a.publish({.topic = topic, .payload = topic});
    const auto got = b.receive_message();
    const auto aliases = got.numbers(property_id::topic_alias);
    INFO(to_hex(got.raw));
    REQUIRE(aliases.size() <= 1);
    if (aliases.empty()) {
      CHECK(got.topic == topic);
      continue;
    }
    CHECK(aliases[0] >= 1);
    CHECK(aliases[0] <= 2);
    if (!got.topic.empty())
      given[aliases[0]] = got.topic;
    CHECK(given[aliases[0]] == topic);
  }
}

} // namespace actorbus::conformance
