#include "conformance.hpp"

namespace actorbus::conformance {

TEST_CASE_METHOD(in_version_311,
                 "UNSUBACK in 3.1.1 is the identifier and no more [v3:MQTT-3.10.4-1] "
                 "[v3:MQTT-2.3.1-7]",
                 "[unsubscribe]") {
  const auto t = unique();
  auto a = connect();
  a.subscribe(t);
  a.send("a2 [ 1234 s'{}' ]", t);
  a.expect("b0 02 1234");
}

TEST_CASE_METHOD(in_every_version,
                 "UNSUBACK comes though nothing was subscribed [v3:MQTT-3.10.4-2] "
                 "[v5:MQTT-3.10.4-4] [v5:MQTT-3.10.4-5]",
                 "[unsubscribe]") {
  auto a = connect();
  a.send("a2 [ 4321 ~ s'{}' ]", unique());
  CHECK(a.receive(packet_type::unsuback).id == 0x4321);
}

TEST_CASE_METHOD(in_version_5,
                 "UNSUBACK says for each filter whether it was subscribed, in their order "
                 "[v5:MQTT-3.11.3-1] [v5:MQTT-3.11.3-2] [v5:MQTT-3.10.4-6]",
                 "[unsubscribe]") {
  const auto t = unique();
  auto a = connect();
  a.subscribe(t + "/a");
  a.subscribe(t + "/c");
  a.send("a2 [ 0001 ~ s'{}/a' s'{}/b' s'{}/c' ]", t, t, t);
  const auto answer = a.receive(packet_type::unsuback);
  CHECK(answer.reasons == std::vector<std::uint8_t>{0x00, 0x11, 0x00});
}

TEST_CASE_METHOD(in_every_version,
                 "after UNSUBACK nothing more is delivered [v3:MQTT-3.10.4-5] [v5:MQTT-3.10.4-2] "
                 "[v5:MQTT-3.10.4-1]",
                 "[unsubscribe]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 1);
  b.subscribe("end/" + t);
  a.publish({.topic = t, .payload = "before", .qos = 1});
  b.expect_message({.topic = t, .payload = "before", .qos = 1});
  b.unsubscribe(t);
  a.publish({.topic = t, .payload = "after", .qos = 1});
  a.publish({.topic = "end/" + t, .payload = "end"});
  b.expect_message({.topic = "end/" + t, .payload = "end"});
}

TEST_CASE_METHOD(in_every_version,
                 "several filters are unsubscribed as if one after another [v3:MQTT-3.10.4-3] "
                 "[v5:MQTT-3.10.4-6]",
                 "[unsubscribe]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  for (const auto* level : {"/a", "/b", "/c"})
    b.subscribe(t + level);
  b.send("a2 [ 0001 ~ s'{}/a' s'{}/b' ]", t, t);
  CHECK(b.receive(packet_type::unsuback).id == 1);
  for (const auto* level : {"/a", "/b", "/c"})
    a.publish({.topic = t + level, .payload = "m"});
  b.expect("30 [ s'{}/c' ~ 'm' ]", t);
}

TEST_CASE_METHOD(in_every_version,
                 "filters are compared character by character [v3:MQTT-3.10.4-4] "
                 "[v5:MQTT-3.10.4-1]",
                 "[unsubscribe]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t + "/a");
  for (const auto* other : {"/+", "/#", "/A", "/a/", "//a", "/a/#"})
    b.unsubscribe(t + other);
  a.publish({.topic = t + "/a", .payload = "still"});
  b.expect("30 [ s'{}/a' ~ 'still' ]", t);
  b.subscribe(t + "/+");
  b.unsubscribe(t + "/a");
  a.publish({.topic = t + "/a", .payload = "wildcard"});
  b.expect("30 [ s'{}/a' ~ 'wildcard' ]", t);
}

TEST_CASE_METHOD(in_every_version,
                 "delivery that has begun is completed after UNSUBSCRIBE [v3:MQTT-3.10.4-5] "
                 "[v5:MQTT-3.10.4-3]",
                 "[unsubscribe]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 2);
  a.publish({.topic = t, .payload = "begun", .qos = 2});
  const auto got = b.receive(packet_type::publish);
  b.unsubscribe(t);
  b.close();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  again.expect("3c [ s'{}' {} ~ 'begun' ]", t, got.id);
  again.acknowledge(got);
  again.ping();
}

} // namespace actorbus::conformance
