// A client that comes back over another channel: the session goes on as if it had been the same.

#include "conformance.hpp"

#include "support/bus_many.hpp"

namespace actorbus::conformance {

namespace {

/// Every pair of two different ways to one bus, whose connections go to two I/O threads in turn.
struct from_one_channel_to_another {
  from_one_channel_to_another() : over{2} {
    over.add_memory();
    over.add_tcp();
    over.add_shm();
    over.add_string();
    const auto pair = GENERATE(range(0U, 16U));
    first = &over.ways()[pair / 4];
    second = &over.ways()[pair % 4];
    UNSCOPED_INFO("from " << first->name << " to " << second->name);
  }

  client publisher() { return {over.open_wire(), version::v5, {.id = "p"}}; }
  client begin() { return {first->open(), version::v5, {.id = "c", .expiry = 60}}; }
  client go_on() {
    client next{second->open(), version::v5, {.id = "c", .clean = false, .expiry = 60}};
    CHECK(next.session_present());
    return next;
  }

  many_channel_bus over;
  const many_channel_bus::way* first = nullptr;
  const many_channel_bus::way* second = nullptr;
};

} // namespace

TEST_CASE_METHOD(from_one_channel_to_another,
                 "what was queued waits for the client wherever it comes back [v5:MQTT-3.1.2-5] [v5:MQTT-4.6.0-5]",
                 "[session][hand_over]") {
  auto p = publisher();
  auto c = begin();
  c.subscribe("t", 2);
  c.disconnect();
  for (const auto* payload : {"1", "2", "3"})
    for (const auto qos : {1, 2})
      p.publish({.topic = "t", .payload = payload, .qos = qos});
  auto again = go_on();
  for (const auto* payload : {"1", "2", "3"})
    for (const auto qos : {1, 2})
      again.expect_message({.topic = "t", .payload = payload, .qos = qos});
  p.publish({.topic = "t", .payload = "live"});
  again.expect_message({.topic = "t", .payload = "live"});
}

TEST_CASE_METHOD(from_one_channel_to_another,
                 "what was in flight to a client is sent again over its new channel [v5:MQTT-4.4.0-1]",
                 "[session][hand_over]") {
  auto p = publisher();
  auto c = begin();
  c.subscribe("t", 2);
  p.publish({.topic = "t", .payload = "unanswered", .qos = 2});
  p.publish({.topic = "t", .payload = "received", .qos = 2});
  const auto unanswered = c.receive(packet_type::publish);
  const auto received = c.receive(packet_type::publish);
  c.send("50 02 {}", received.id);
  c.expect_acknowledgement(packet_type::pubrel, received.id);
  const auto taken_over = GENERATE(true, false);
  if (!taken_over)
    c.disconnect();
  auto again = go_on();
  const auto resent = again.receive_ahead(packet_type::publish);
  CHECK(to_hex(resent.raw) == to_hex(bytes("3c [ s't' {} 00 'unanswered' ]", unanswered.id)));
  again.expect_acknowledgement(packet_type::pubrel, received.id);
  again.send("70 02 {}", received.id);
  again.acknowledge(unanswered);
  again.ping();
}

TEST_CASE_METHOD(from_one_channel_to_another,
                 "a QoS 2 message that a client has begun to send is delivered once [v5:MQTT-4.3.3-10]",
                 "[session][hand_over]") {
  auto watcher = publisher();
  watcher.subscribe("t", 2);
  auto c = begin();
  c.send("34 [ s't' 0001 00 'once' ]");
  c.expect_acknowledgement(packet_type::pubrec, 1);
  c.close();
  auto again = go_on();
  again.send("3c [ s't' 0001 00 'once' ]"); // the client may not have seen the PUBREC
  again.expect_acknowledgement(packet_type::pubrec, 1);
  again.send("62 02 0001");
  again.expect_acknowledgement(packet_type::pubcomp, 1);
  again.publish({.topic = "t", .payload = "end", .qos = 2});
  watcher.expect_message({.topic = "t", .payload = "once", .qos = 2});
  watcher.expect_message({.topic = "t", .payload = "end", .qos = 2});
}

TEST_CASE_METHOD(from_one_channel_to_another,
                 "a client that comes over another channel takes its session from the first [v5:MQTT-3.1.4-3]",
                 "[session][hand_over]") {
  auto p = publisher();
  auto c = begin();
  c.subscribe("t", 1);
  auto again = go_on();
  c.expect_ended({0x8e});
  p.publish({.topic = "t", .payload = "here", .qos = 1});
  again.expect_message({.topic = "t", .payload = "here", .qos = 1});
}

} // namespace actorbus::conformance
