#include "conformance.hpp"

#include <algorithm>

namespace actorbus::conformance {

namespace {

/// Receives so many PUBLISH packets and makes sure that no more came, as PINGRESP is next.
std::vector<packet> receive_window(client& c, int count) {
  std::vector<packet> result;
  for (int i = 0; i < count; ++i)
    result.push_back(c.receive(packet_type::publish));
  c.ping();
  return result;
}

} // namespace

TEST_CASE_METHOD(in_version_5,
                 "no more than the receive maximum is in flight towards the client, the rest waits "
                 "[v5:MQTT-3.3.4-9] [v5:MQTT-4.9.0-1] [v5:MQTT-4.9.0-2] [v5:MQTT-3.3.4-10]",
                 "[receive_maximum][not-mosquitto]") {
  const auto maximum = GENERATE(as<std::uint16_t>{}, 1, 2, 7);
  const int qos = GENERATE(1, 2);
  const auto t = unique();
  auto a = connect();
  auto b = connect({.properties = notation("21 {}", maximum)});
  b.subscribe(t, 2);
  for (int i = 0; i < 10; ++i)
    a.publish({.topic = t, .payload = std::to_string(i), .qos = qos});
  auto window = receive_window(b, maximum);
  for (int i = 0; i < 10; ++i) {
    CHECK(window[static_cast<std::size_t>(i)].payload == std::to_string(i));
    b.acknowledge(window[static_cast<std::size_t>(i)]);
    if (static_cast<int>(window.size()) < 10)
      window.push_back(receive_window(b, 1).front());
  }
  b.ping();
}

TEST_CASE_METHOD(in_version_5, "PUBREC keeps the place in flight, PUBCOMP frees it [v5:MQTT-3.3.4-9]",
                 "[receive_maximum][qos2]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.properties = "21 0001"});
  b.subscribe(t, 2);
  a.publish({.topic = t, .payload = "1", .qos = 2});
  a.publish({.topic = t, .payload = "2", .qos = 2});
  const auto first = receive_window(b, 1).front();
  b.send("50 02 {}", first.id);
  b.expect_acknowledgement(packet_type::pubrel, first.id);
  b.ping();
  b.send("70 02 {}", first.id);
  CHECK(b.receive_message().payload == "2");
}

TEST_CASE_METHOD(in_version_5, "a PUBREC with an error frees the place in flight [v5:MQTT-3.3.4-9]",
                 "[receive_maximum][qos2]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.properties = "21 0001"});
  b.subscribe(t, 2);
  a.publish({.topic = t, .payload = "1", .qos = 2});
  a.publish({.topic = t, .payload = "2", .qos = 2});
  const auto first = receive_window(b, 1).front();
  b.send("50 03 {} (not authorized) 87", first.id);
  CHECK(b.receive_message().payload == "2");
}

TEST_CASE_METHOD(in_version_5,
                 "QoS 0 and other packets pass a full window [v5:MQTT-4.9.0-2] [v5:MQTT-4.9.0-3] "
                 "[v5:MQTT-3.3.4-10]",
                 "[receive_maximum]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.properties = "21 0001"});
  b.subscribe(t + "/1", 1);
  b.subscribe(t + "/0", 0);
  a.publish({.topic = t + "/1", .payload = "first", .qos = 1});
  a.publish({.topic = t + "/1", .payload = "waits", .qos = 1});
  const auto first = receive_window(b, 1).front();
  a.publish({.topic = t + "/0", .payload = "passes"});
  b.expect("30 [ s'{}/0' ~ 'passes' ]", t);
  b.subscribe(t + "/other");
  b.publish({.topic = t + "/out", .payload = "m", .qos = 2});
  b.ping();
  b.acknowledge(first);
  b.expect_message({.topic = t + "/1", .payload = "waits", .qos = 1});
}

TEST_CASE_METHOD(in_version_5, "redelivery keeps to the receive maximum of the new connection [v5:MQTT-3.3.4-9]",
                 "[receive_maximum][redelivery][not-mosquitto]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60, .properties = "21 0004"});
  b.subscribe(t, 1);
  for (int i = 0; i < 6; ++i)
    a.publish({.topic = t, .payload = std::to_string(i), .qos = 1});
  receive_window(b, 4);
  b.close();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60, .properties = "21 0002"});
  auto window = receive_window(again, 2);
  for (int i = 0; i < 6; ++i) {
    CHECK(window[static_cast<std::size_t>(i)].payload == std::to_string(i));
    CHECK(window[static_cast<std::size_t>(i)].dup() == (i < 4));
    again.acknowledge(window[static_cast<std::size_t>(i)]);
    if (window.size() < 6)
      window.push_back(receive_window(again, 1).front());
  }
}

TEST_CASE_METHOD(in_version_5, "messages that waited for a place are not lost with the connection [v5:MQTT-4.5.0-1]",
                 "[receive_maximum][session]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60, .properties = "21 0001"});
  b.subscribe(t, 1);
  for (int i = 0; i < 3; ++i)
    a.publish({.topic = t, .payload = std::to_string(i), .qos = 1});
  receive_window(b, 1);
  b.close();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  for (int i = 0; i < 3; ++i)
    CHECK(again.receive_message().payload == std::to_string(i));
}

TEST_CASE_METHOD(in_version_5, "a client may have the broker's receive maximum in flight [v5:MQTT-3.3.4-7]",
                 "[receive_maximum]") {
  auto a = connect();
  const auto maximum = std::min(a.connack().number_or(property_id::receive_maximum, 65'535), 1'000u);
  const auto t = unique();
  for (std::uint32_t i = 1; i <= maximum; ++i)
    a.send("34 [ s'{}' {} ~ 'm' ]", t, static_cast<std::uint16_t>(i));
  for (std::uint32_t i = 1; i <= maximum; ++i)
    a.expect_acknowledgement(packet_type::pubrec, static_cast<std::uint16_t>(i));
  for (std::uint32_t i = 1; i <= maximum; ++i)
    a.send("62 02 {}", static_cast<std::uint16_t>(i));
  for (std::uint32_t i = 1; i <= maximum; ++i)
    a.expect_acknowledgement(packet_type::pubcomp, static_cast<std::uint16_t>(i));
}

TEST_CASE_METHOD(in_version_5, "one more than the broker's receive maximum is answered with 0x93 [v5:MQTT-3.3.4-7]",
                 "[receive_maximum][not-mosquitto]") {
  auto a = connect();
  const auto maximum = a.connack().number_or(property_id::receive_maximum, 65'535);
  if (maximum == 65'535) // there are no more packet identifiers to breach it with
    return;
  const auto t = unique();
  for (std::uint32_t i = 1; i <= maximum + 1; ++i)
    a.send("34 [ s'{}' {} ~ 'm' ]", t, static_cast<std::uint16_t>(i));
  for (std::uint32_t i = 1; i <= maximum; ++i) {
    const auto got = a.receive_ahead(packet_type::pubrec);
    CHECK(got.id == i);
  }
  a.expect_ended({0x93});
}

} // namespace actorbus::conformance
