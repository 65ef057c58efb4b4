#include "conformance.hpp"

#include <algorithm>

namespace actorbus::conformance {

TEST_CASE_METHOD(in_every_version,
                 "messages of one topic and QoS arrive in the order they were sent "
                 "[v3:MQTT-4.6.0-6] [v3:MQTT-4.6.0-5] [v5:MQTT-4.6.0-5] [v5:MQTT-4.6.0-6]",
                 "[ordering]") {
  const int qos = GENERATE(0, 1, 2);
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, qos);
  for (int i = 0; i < 200; ++i) {
    a.send("{} [ s'{}' {} ~ '{}' ]", static_cast<std::uint8_t>(0x30 | qos << 1), t,
           qos == 0 ? "" : notation("{}", static_cast<std::uint16_t>(i + 1)), std::to_string(i));
    if (i % 10 == 9 && qos > 0)
      for (int j = i - 9; j <= i; ++j)
        a.receive(qos == 1 ? packet_type::puback : packet_type::pubrec);
    if (i % 10 == 9 && qos == 2)
      for (int j = i - 9; j <= i; ++j) {
        a.send("62 02 {}", static_cast<std::uint16_t>(j + 1));
        a.receive(packet_type::pubcomp);
      }
  }
  for (int i = 0; i < 200; ++i) {
    const auto got = b.receive_message_ahead();
    CHECK(got.qos() == qos);
    CHECK(got.payload == std::to_string(i));
  }
}

TEST_CASE_METHOD(in_every_version,
                 "messages of two publishers keep each one's order [v3:MQTT-4.6.0-6] "
                 "[v5:MQTT-4.6.0-5]",
                 "[ordering]") {
  const auto t = unique();
  auto a = connect();
  auto c = connect();
  auto b = connect();
  b.subscribe(t);
  for (int i = 0; i < 100; ++i) {
    a.publish({.topic = t, .payload = "a" + std::to_string(i)});
    c.publish({.topic = t, .payload = "c" + std::to_string(i)});
  }
  int next_a = 0;
  int next_c = 0;
  for (int i = 0; i < 200; ++i) {
    const auto got = b.receive_message();
    auto& next = got.payload.front() == 'a' ? next_a : next_c;
    CHECK(got.payload.substr(1) == std::to_string(next++));
  }
}

TEST_CASE_METHOD(in_every_version,
                 "messages that wait for their turn keep their order [v3:MQTT-4.6.0-6] "
                 "[v5:MQTT-4.6.0-5]",
                 "[ordering]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.properties = v == version::v5 ? "(receive maximum) 21 0003" : ""});
  b.subscribe(t, 1);
  for (int i = 0; i < 100; ++i)
    a.publish({.topic = t, .payload = std::to_string(i), .qos = 1});
  for (int i = 0; i < 100; ++i)
    b.expect_message({.topic = t, .payload = std::to_string(i), .qos = 1});
}

TEST_CASE_METHOD(in_every_version, "one publisher's messages of QoS 0 keep their order over topics (4.6)",
                 "[ordering]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t + "/#");
  a.send("30 [ s'{}/1' ~ 'a' ] 30 [ s'{}/2' ~ 'b' ] 30 [ s'{}/1' ~ 'c' ]", t, t, t);
  b.expect("30 [ s'{}/1' ~ 'a' ] 30 [ s'{}/2' ~ 'b' ] 30 [ s'{}/1' ~ 'c' ]", t, t, t);
}

} // namespace actorbus::conformance
