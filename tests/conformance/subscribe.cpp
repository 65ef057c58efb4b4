#include "conformance.hpp"

namespace actorbus::conformance {

TEST_CASE_METHOD(in_version_311,
                 "SUBACK in 3.1.1 is the identifier and a return code a filter [v3:MQTT-3.8.4-1] "
                 "[v3:MQTT-3.8.4-2] [v3:MQTT-2.3.1-7]",
                 "[subscribe]") {
  auto a = connect();
  a.send("82 [ 1234 s'{}' 01 ]", unique());
  a.expect("90 03 1234 (granted QoS 1) 01");
}

TEST_CASE_METHOD(in_every_version,
                 "SUBACK grants the QoS asked for, one code a filter in their order "
                 "[v3:MQTT-3.8.4-5] [v5:MQTT-3.8.4-6] [v5:MQTT-3.8.4-7] [v5:MQTT-3.9.3-1] "
                 "[v5:MQTT-3.9.3-2] [v5:MQTT-3.8.4-1] [v5:MQTT-3.8.4-2] [v5:MQTT-2.2.1-6]",
                 "[subscribe]") {
  const auto t = unique();
  auto a = connect();
  a.send("82 [ 0abc ~ s'{}/a' 02 s'{}/b' 00 s'{}/c' 01 s'{}/+' 02 ]", t, t, t, t);
  const auto answer = a.receive(packet_type::suback);
  CHECK(answer.id == 0x0abc);
  CHECK(answer.reasons == std::vector<std::uint8_t>{2, 0, 1, 2});
}

TEST_CASE_METHOD(in_every_version, "several filters in one SUBSCRIBE all count [v3:MQTT-3.8.4-4] [v5:MQTT-3.8.4-5]",
                 "[subscribe]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.send("82 [ 0001 ~ s'{}/a' 00 s'{}/b' 00 ]", t, t);
  b.receive(packet_type::suback);
  for (const auto* level : {"a", "c", "b"})
    a.publish({.topic = t + "/" + level, .payload = level});
  b.expect("30 [ s'{}/a' ~ 'a' ] 30 [ s'{}/b' ~ 'b' ]", t, t);
}

TEST_CASE_METHOD(in_every_version,
                 "the same filter again replaces the subscription [v3:MQTT-3.8.4-3] "
                 "[v5:MQTT-3.8.4-3]",
                 "[subscribe]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 2);
  b.subscribe(t, 0);
  a.publish({.topic = t, .payload = "one", .qos = 2});
  a.publish({.topic = t, .payload = "two", .qos = 2});
  b.expect("30 [ s'{}' ~ 'one' ] 30 [ s'{}' ~ 'two' ]", t, t);
  b.subscribe(t, 1);
  a.publish({.topic = t, .payload = "three", .qos = 2});
  b.expect_message({.topic = t, .payload = "three", .qos = 1});
}

TEST_CASE_METHOD(in_every_version,
                 "no message is lost while a subscription is replaced [v3:MQTT-3.8.4-3] "
                 "[v5:MQTT-3.8.4-4]",
                 "[subscribe]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 1);
  for (int i = 0; i < 20; ++i) {
    a.send("32 [ s'{}' {} ~ '{}' ]", t, static_cast<std::uint16_t>(i + 1), std::to_string(i));
    b.send("82 [ {} ~ s'{}' 01 ]", static_cast<std::uint16_t>(i + 1), t);
  }
  int granted = 0;
  int next = 0;
  while (granted < 20 || next < 20) {
    const auto got = b.receive();
    if (got.type == packet_type::suback) {
      ++granted;
      continue;
    }
    CHECK(got.payload == std::to_string(next++));
    b.acknowledge(got);
  }
}

TEST_CASE_METHOD(in_every_version,
                 "a filter matches the topics the standard says, byte for byte (4.7) [v5:MQTT-3.3.2-3] "
                 "[v5:MQTT-4.7.3-4] [v3:MQTT-3.8.3-2] "
                 "[v3:MQTT-3.3.2-3] [v3:MQTT-4.7.1-2] [v5:MQTT-4.7.1-2] [v3:MQTT-4.7.1-1] "
                 "[v5:MQTT-4.7.1-1]",
                 "[subscribe][topics]") {
  const auto [filter, topic, matches] = GENERATE(table<std::string, std::string, bool>({
      {"*/sport/tennis/player1/#", "*/sport/tennis/player1", true},
      {"*/sport/tennis/player1/#", "*/sport/tennis/player1/ranking", true},
      {"*/sport/tennis/player1/#", "*/sport/tennis/player1/score/wimbledon", true},
      {"*/sport/tennis/player1/#", "*/sport/tennis/player2", false},
      {"*/sport/tennis/player1/#", "*/sport/tennis/player10", false},
      {"*/sport/#", "*/sport", true},
      {"*/sport/#", "*/sport/", true},
      {"*/sport/tennis/+", "*/sport/tennis/player1", true},
      {"*/sport/tennis/+", "*/sport/tennis/player1/ranking", false},
      {"*/sport/+", "*/sport", false},
      {"*/sport/+", "*/sport/", true},
      {"*/+/ranking", "*/player1/ranking", true},
      {"*/+/ranking", "*//ranking", true},
      {"*/+/ranking", "*/ranking", false},
      {"/*/+", "/*/finance", true},
      {"+/*", "/*", true},
      {"/+/*", "/x/*", true},
      {"+/+/*", "x/y/*", true},
      {"+/*", "x/y/*", false},
      {"+/*/#", "x/*", true},
      {"*/a", "*/A", false},
      {"*/a", "*/a/", false},
      {"*/a", "/*/a", false},
      {"*/a//b", "*/a//b", true},
      {"*/a//b", "*/a/b", false},
      {"*/a b", "*/a b", true},
      {"*/a b", "*/ab", false},
      {"*/\xc3\xa9", "*/\xc3\xa9", true},
      {"*/\xc3\xa9", "*/e\xcc\x81", false},
      {"*/\xef\xbb\xbfx", "*/\xef\xbb\xbfx", true},
      {"*/\xef\xbb\xbfx", "*/x", false},
      {"*/\xf0\x9f\xa6\x8a/+", "*/\xf0\x9f\xa6\x8a/\xe6\x97\xa5", true},
      {"*/$b", "*/$b", true},
      {"*/+", "*/$b", true},
      {"*/a/", "*/a/", true},
      {"*/a/", "*/a", false},
  }));
  INFO(filter << (matches ? " matches " : " does not match ") << topic);
  const auto u = unique();
  const auto with_unique = [&](std::string text) { return text.replace(text.find('*'), 1, u); };
  auto a = connect();
  auto b = connect();
  b.subscribe(with_unique(filter));
  b.subscribe("end/" + u);
  a.publish({.topic = with_unique(topic), .payload = "m"});
  a.publish({.topic = "end/" + u, .payload = "end"});
  if (matches)
    b.expect("30 [ s'{}' ~ 'm' ]", with_unique(topic));
  b.expect("30 [ s'end/{}' ~ 'end' ]", u);
}

TEST_CASE_METHOD(in_every_version,
                 "wildcards at the start do not match topics that begin with $ [v3:MQTT-4.7.2-1] "
                 "[v5:MQTT-4.7.2-1]",
                 "[subscribe][topics]") {
  const auto u = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe("+/" + u + "/m");
  b.subscribe("+/" + u + "/#");
  b.subscribe("$of" + u + "/" + u + "/listed");
  a.publish({.topic = "$of" + u + "/" + u + "/m", .payload = "hidden"});
  a.publish({.topic = "$of" + u + "/" + u + "/listed", .payload = "seen"});
  b.expect("30 [ s'$of{}/{}/listed' ~ 'seen' ]", u, u);
}

TEST_CASE_METHOD(in_every_version,
                 "# alone does not match topics that begin with $ [v3:MQTT-4.7.2-1] "
                 "[v5:MQTT-4.7.2-1]",
                 "[subscribe][topics]") {
  const auto u = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe("#");
  a.publish({.topic = "$of" + u + "/m", .payload = "hidden"});
  a.publish({.topic = u, .payload = "seen"});
  for (;;) {
    const auto got = b.receive(packet_type::publish);
    CHECK(got.topic.front() != '$');
    if (got.topic == u)
      break;
  }
}

TEST_CASE_METHOD(in_every_version,
                 "a filter that breaks the rules is not granted [v3:MQTT-4.7.1-1] [v3:MQTT-4.7.1-2] "
                 "[v3:MQTT-4.7.0-1] [v5:MQTT-4.7.3-1]",
                 "[subscribe][topics]") {
  const std::string filter = GENERATE("", "a/#/b", "a#", "a/b#", "#/a", "a+", "+a", "a/b+/c", "##", "++");
  INFO("'" << filter << "'");
  auto a = connect();
  a.send("82 [ 0001 ~ s'{}' 00 ]", filter);
  a.expect_not_granted();
}

} // namespace actorbus::conformance
