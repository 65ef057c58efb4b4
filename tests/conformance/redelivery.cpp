#include "conformance.hpp"

namespace actorbus::conformance {

TEST_CASE_METHOD(in_every_version,
                 "unacknowledged messages are sent again with DUP, the same identifiers and in "
                 "order [v3:MQTT-4.4.0-1] [v5:MQTT-4.4.0-1] [v3:MQTT-3.3.1-1] [v5:MQTT-3.3.1-1] "
                 "[v3:MQTT-4.6.0-6] [v5:MQTT-4.6.0-5]",
                 "[session][redelivery]") {
  const int qos = GENERATE(1, 2);
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 2);
  std::vector<packet> sent;
  for (int i = 0; i < 5; ++i) {
    a.publish({.topic = t, .payload = std::to_string(i), .qos = qos});
    sent.push_back(b.receive(packet_type::publish));
    CHECK_FALSE(sent.back().dup());
  }
  b.close();
  for (int round = 0; round < 2; ++round) {
    auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
    for (const auto& first : sent) {
      const auto got = again.receive(packet_type::publish);
      INFO(to_hex(got.raw) << " after " << to_hex(first.raw));
      CHECK(got.dup());
      CHECK(got.qos() == qos);
      CHECK(got.id == first.id);
      CHECK(got.payload == first.payload);
    }
    again.close();
  }
}

TEST_CASE_METHOD(in_every_version,
                 "what was acknowledged is not sent again [v3:MQTT-4.3.2-1] [v5:MQTT-4.3.2-3] "
                 "[v5:MQTT-4.3.3-3]",
                 "[session][redelivery]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 2);
  for (int i = 0; i < 4; ++i)
    a.publish({.topic = t, .payload = std::to_string(i), .qos = 1 + i % 2});
  std::vector<packet> sent;
  for (int i = 0; i < 4; ++i)
    sent.push_back(b.receive(packet_type::publish));
  b.acknowledge(sent[1]);
  b.acknowledge(sent[2]);
  b.ping();
  b.close();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  again.expect("3a [ s'{}' {} ~ '0' ]", t, sent[0].id);
  again.expect("3c [ s'{}' {} ~ '3' ]", t, sent[3].id);
  again.ping();
}

TEST_CASE_METHOD(in_every_version,
                 "after PUBREC it is the PUBREL that is sent again, never the PUBLISH "
                 "[v3:MQTT-4.3.3-1] [v5:MQTT-4.3.3-5] [v5:MQTT-4.3.3-6] [v5:MQTT-4.4.0-1] "
                 "[v3:MQTT-4.4.0-1]",
                 "[session][redelivery][qos2]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 2);
  a.publish({.topic = t, .payload = "m", .qos = 2});
  const auto id = b.receive(packet_type::publish).id;
  b.send("50 02 {}", id);
  b.expect_acknowledgement(packet_type::pubrel, id);
  b.close();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  again.expect_acknowledgement(packet_type::pubrel, id);
  again.send("70 02 {}", id);
  a.publish({.topic = t, .payload = "next", .qos = 2});
  again.expect_message({.topic = t, .payload = "next", .qos = 2});
}

TEST_CASE_METHOD(in_every_version, "each delivery is resumed in the state it had [v3:MQTT-4.4.0-1] [v5:MQTT-4.4.0-1]",
                 "[session][redelivery][qos2]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 2);
  for (const auto* payload : {"released", "sent", "done"})
    a.publish({.topic = t, .payload = payload, .qos = 2});
  const auto released = b.receive(packet_type::publish).id;
  const auto sent = b.receive(packet_type::publish).id;
  b.receive_message();
  b.send("50 02 {}", released);
  b.expect_acknowledgement(packet_type::pubrel, released);
  b.ping();
  b.close();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  const auto release = again.receive_ahead(packet_type::pubrel);
  CHECK(release.id == released);
  again.expect("3c [ s'{}' {} ~ 'sent' ]", t, sent);
  again.ping();
}

TEST_CASE_METHOD(in_every_version,
                 "a QoS 2 publication is resumed after its PUBREC: delivered once "
                 "[v3:MQTT-4.3.3-2] [v5:MQTT-4.3.3-10] [v5:MQTT-3.1.2-23]",
                 "[session][redelivery][qos2]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t, 2);
  auto a = connect({.expiry = 60});
  a.send("34 [ s'{}' 0001 ~ 'once' ]", t);
  a.expect_acknowledgement(packet_type::pubrec, 1);
  a.close();
  auto again = connect({.id = a.id(), .clean = false, .expiry = 60});
  again.send("3c [ s'{}' 0001 ~ 'once' ]", t);
  again.expect_acknowledgement(packet_type::pubrec, 1);
  again.send("62 02 0001");
  again.expect_acknowledgement(packet_type::pubcomp, 1);
  again.publish({.topic = t, .payload = "next", .qos = 2});
  b.expect_message({.topic = t, .payload = "once", .qos = 2});
  b.expect_message({.topic = t, .payload = "next", .qos = 2});
}

TEST_CASE_METHOD(in_every_version,
                 "a QoS 2 publication is resumed by its PUBREL [v3:MQTT-4.3.3-2] "
                 "[v5:MQTT-4.3.3-11]",
                 "[session][redelivery][qos2]") {
  const bool handled_before = GENERATE(false, true);
  const auto t = unique();
  auto b = connect();
  b.subscribe(t, 2);
  auto a = connect({.expiry = 60});
  a.send("34 [ s'{}' 0001 ~ 'once' ]", t);
  a.expect_acknowledgement(packet_type::pubrec, 1);
  if (handled_before) {
    a.send("62 02 0001");
    a.expect_acknowledgement(packet_type::pubcomp, 1);
  }
  a.close();
  auto again = connect({.id = a.id(), .clean = false, .expiry = 60});
  again.send("62 02 0001");
  const auto complete = again.receive(packet_type::pubcomp);
  CHECK(complete.id == 1);
  CHECK((complete.reason() == 0 || (handled_before && complete.reason() == 0x92)));
  b.expect_message({.topic = t, .payload = "once", .qos = 2});
  again.publish({.topic = t, .payload = "next", .qos = 2});
  b.expect_message({.topic = t, .payload = "next", .qos = 2});
}

TEST_CASE_METHOD(in_every_version,
                 "a clean start forgets deliveries in both directions [v3:MQTT-3.1.2-6] "
                 "[v5:MQTT-3.1.2-4]",
                 "[session][redelivery][qos2]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 2);
  a.publish({.topic = t, .payload = "forgotten", .qos = 2});
  b.receive(packet_type::publish);
  b.send("34 [ s'{}/out' 0001 ~ 'first' ]", t);
  b.expect_acknowledgement(packet_type::pubrec, 1);
  b.close();
  auto clean = connect({.id = b.id()});
  a.subscribe(t + "/out", 2);
  clean.send("34 [ s'{}/out' 0001 ~ 'second' ]", t);
  clean.expect_acknowledgement(packet_type::pubrec, 1);
  clean.send("62 02 0001");
  clean.expect_acknowledgement(packet_type::pubcomp, 1);
  a.expect_message({.topic = t + "/out", .payload = "second", .qos = 2});
  clean.ping();
}

TEST_CASE_METHOD(in_every_version, "what waited follows what is sent again [v3:MQTT-4.6.0-6] [v5:MQTT-4.6.0-5]",
                 "[session][redelivery][ordering]") {
  const auto t = unique();
  auto a = connect();
  a.subscribe(t + "/gone");
  auto b = connect({.expiry = 60, .will = "~ s'" + t + "/gone' s'b'"});
  b.subscribe(t, 1);
  a.publish({.topic = t, .payload = "0", .qos = 1});
  const auto first = b.receive(packet_type::publish);
  b.close();
  a.expect_message({.topic = t + "/gone", .payload = "b"}); // the broker knows, on every channel
  for (const auto* payload : {"1", "2", "3"})
    a.publish({.topic = t, .payload = payload, .qos = 1});
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  again.expect("3a [ s'{}' {} ~ '0' ]", t, first.id);
  again.acknowledge(first);
  for (const auto* payload : {"1", "2", "3"})
    again.expect_message({.topic = t, .payload = payload, .qos = 1});
}

TEST_CASE_METHOD(in_every_version,
                 "identifiers of what is still in flight are not given to new messages "
                 "[v3:MQTT-2.3.1-4] [v5:MQTT-2.2.1-4]",
                 "[session][redelivery]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 1);
  a.publish({.topic = t, .payload = "old", .qos = 1});
  const auto old = b.receive(packet_type::publish);
  b.close();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  again.expect("3a [ s'{}' {} ~ 'old' ]", t, old.id);
  for (int i = 0; i < 5; ++i) {
    a.publish({.topic = t, .payload = "new", .qos = 1});
    const auto got = again.receive(packet_type::publish);
    CHECK_FALSE(got.dup());
    CHECK(got.id != old.id);
  }
}

} // namespace actorbus::conformance
