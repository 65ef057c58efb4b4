#include "session_fixture.hpp"

#include <catch2/catch.hpp>

namespace actorbus::test {

// What a session does for a client that reads slowly, takes small packets only, or is away.

TEST_CASE_METHOD(session_fixture, "a client that reads too slowly loses QoS 0, which is counted", "[session_state]") {
  bounds.outbound_bytes_max = 100;
  connect();
  reads = false;
  CHECK(deliver({.payload = std::string(100, 'x')}).starts_with("PUBLISH"));
  CHECK(deliver(qos0, 1, 3) == "");
  CHECK(asked() == "dropped 97; dropped 97; dropped 97");
}

TEST_CASE_METHOD(session_fixture, "who publishes more than its rate loses the connection, with 0x96",
                 "[session_state]") {
  bounds.publish_per_second_max = 10;
  bounds.publish_burst_max = 3;
  connect();
  const auto packet = "30 [ s'a' 00 'x' ] ";
  CHECK(receive(std::string{packet} + packet + packet) == "");
  advance(std::chrono::milliseconds{199});
  CHECK(receive(packet) == ""); // the first of the two that 200 ms would allow
  CHECK(asked() == "route a 'x'; route a 'x'; route a 'x'; route a 'x'");
  CHECK(receive(packet).starts_with("DISCONNECT 96"));
  CHECK(asked() == "close 96");
}

TEST_CASE_METHOD(session_fixture, "a quiet client saves up one burst and no more", "[session_state]") {
  bounds.publish_per_second_max = 10;
  bounds.publish_burst_max = 2;
  connect();
  advance(std::chrono::hours{1});
  const auto packet = "30 [ s'a' 00 'x' ] ";
  CHECK(receive(std::string{packet} + packet + packet).starts_with("DISCONNECT 96"));
}

TEST_CASE_METHOD(session_fixture, "QoS 1 waits for a client that reads too slowly, and goes on in order",
                 "[session_state]") {
  bounds.outbound_bytes_max = 100;
  connect();
  reads = false;
  deliver({.payload = std::string(100, 'x')});
  CHECK(deliver(qos1, 1, 2) == "");
  CHECK(state.queued_messages() == 2);
  CHECK(state.has_waiting());
  CHECK(state.outbound_full());
  REQUIRE(meter->wait(state.outbound_limit()));
  CHECK(meter->take(meter->bytes()));
  reads = true;
  CHECK(sent() == "PUBLISH t '1' q1 #1; PUBLISH t '2' q1 #2");
  CHECK_FALSE(state.has_waiting());
  CHECK(asked() == "");
}

TEST_CASE_METHOD(session_fixture, "messages on their way already are not overtaken by those that come after the drain",
                 "[session_state]") {
  bounds.outbound_bytes_max = 100;
  connect();
  reads = false;
  deliver({.payload = std::string(100, 'x')});
  deliver(qos1, 1, 1);
  static_cast<void>(meter->take(meter->bytes()));
  reads = true;
  CHECK(deliver(qos1, 2, 1) == "PUBLISH t '1' q1 #1; PUBLISH t '2' q1 #2");
}

TEST_CASE_METHOD(session_fixture, "a client that does not read is not read either, lest its answers pile up",
                 "[session_state]") {
  bounds.outbound_bytes_max = 100;
  connect();
  reads = false;
  deliver({.payload = std::string(100, 'x')});
  const auto packets = make_frame(conformance::bytes("32 [ s't' 0001 00 'x' ]"));
  CHECK(state.receive(packets) == 0);
  static_cast<void>(meter->take(meter->bytes()));
  CHECK(state.may_receive());
  CHECK(state.receive(packets) == packets.size);
  CHECK(sent() == "PUBACK #1");
}

TEST_CASE_METHOD(session_fixture, "a stalled client is held to a smaller limit", "[session_state]") {
  bounds.outbound_bytes_max = 10'000;
  bounds.stalled_bytes_max = 100;
  connect();
  reads = false;
  deliver({.payload = std::string(100, 'x')});
  CHECK(deliver(qos0, 1, 1) == "PUBLISH t '1'");
  meter->stalled = true;
  CHECK(state.outbound_limit() == 100);
  CHECK(deliver(qos0, 2, 1) == "");
  CHECK(asked() == "dropped 97");
}

TEST_CASE_METHOD(session_fixture, "a session that is away keeps QoS 1 and 2 to its limit, and no QoS 0",
                 "[session_state]") {
  bounds.queued_messages_max = 3;
  connect({.clean = false, .expiry = 60});
  state.detach({});
  deliver(qos0, 1, 2);
  deliver(qos1, 3, 5);
  CHECK(state.queued_messages() == 3);
  CHECK(asked() == "dropped 97; dropped 97");
  CHECK(connect({.clean = false, .expiry = 60}) ==
        "CONNACK 00 present; PUBLISH t '3' q1 #1; PUBLISH t '4' q1 #2; PUBLISH t '5' q1 #3");
}

TEST_CASE_METHOD(session_fixture, "the bytes that a session keeps are limited too, sent or not", "[session_state]") {
  bounds.queued_bytes_max = 10'000;
  connect({.clean = false, .expiry = 60});
  state.detach({});
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10; ++i)
      deliver({.payload = std::string(2000, 'x'), .quality = qos1});
    CHECK(state.queued_messages() + state.inflight_messages() == 4);
    connect({.clean = false, .expiry = 60});
  }
  receive("40 02 0001 40 02 0002 40 02 0003 40 02 0004");
  CHECK(state.inflight_messages() == 0);
  CHECK(deliver({.payload = std::string(9000, 'x'), .quality = qos1}).starts_with("PUBLISH"));
}

TEST_CASE_METHOD(session_fixture,
                 "a message that is too large for the client counts as delivered "
                 "[v5:MQTT-3.1.2-24] [v5:MQTT-3.1.2-25]",
                 "[session_state]") {
  connect({.packet_size_max = 60});
  const auto quality = GENERATE(qos0, qos1, qos2);
  CHECK(deliver({.payload = std::string(100, 'x'), .quality = quality}) == "");
  CHECK(state.inflight_messages() == 0);
  CHECK(deliver({.payload = "small", .quality = quality}).starts_with("PUBLISH t 'small'"));
}

TEST_CASE_METHOD(session_fixture, "the largest packet that the client takes is sent [v5:MQTT-3.1.2-24]",
                 "[session_state]") {
  connect({.packet_size_max = 60}); // 2 header, 3 topic, 1 properties leave 54
  CHECK(deliver({.payload = std::string(54, 'x')}).starts_with("PUBLISH"));
  CHECK(deliver({.payload = std::string(55, 'x')}) == "");
}

TEST_CASE_METHOD(session_fixture, "a message is sent with what is left of its expiry, rounded up (3.3.2.3.3)",
                 "[session_state]") {
  connect({.clean = false, .expiry = 600});
  state.detach({});
  deliver({.payload = "a", .quality = qos1, .properties = "02 0000000a"});
  advance(std::chrono::milliseconds{3001});
  CHECK(connect({.clean = false, .expiry = 600}) == "CONNACK 00 present; PUBLISH t 'a' q1 #1 {02=7}");
}

TEST_CASE_METHOD(session_fixture, "a message that expires while it waits is never sent (3.3.2.3.3)",
                 "[session_state]") {
  connect({.clean = false, .expiry = 600});
  state.detach({});
  deliver_all({{.payload = "a", .quality = qos1, .properties = "02 0000000a"}, {.payload = "b", .quality = qos1}});
  SECTION("not a millisecond early") {
    advance(std::chrono::milliseconds{9'999});
    CHECK(connect({.clean = false, .expiry = 600}) ==
          "CONNACK 00 present; PUBLISH t 'a' q1 #1 {02=1}; PUBLISH t 'b' q1 #2");
  }
  SECTION("nor late") {
    advance(std::chrono::milliseconds{10'000});
    CHECK(connect({.clean = false, .expiry = 600}) == "CONNACK 00 present; PUBLISH t 'b' q1 #1");
    CHECK(asked() == "dropped 00");
  }
}

TEST_CASE_METHOD(session_fixture, "a message that was sent is sent again although it has expired [v5:MQTT-4.3.3-7]",
                 "[session_state]") {
  connect({.clean = false, .expiry = 600});
  CHECK(deliver({.payload = "a", .quality = qos2, .properties = "02 0000000a"}) == "PUBLISH t 'a' q2 #1 {02=10}");
  state.detach({});
  advance(std::chrono::seconds{20});
  CHECK(connect({.clean = false, .expiry = 600}) == "CONNACK 00 present; PUBLISH t 'a' q2 #1 dup {02=0}");
}

TEST_CASE_METHOD(session_fixture,
                 "topics get aliases as far as the client allows, for one connection [v5:MQTT-3.1.2-26] "
                 "[v5:MQTT-3.3.2-7]",
                 "[session_state]") {
  connect({.clean = false, .expiry = 60, .alias_maximum = 1});
  CHECK(deliver_all({{.topic = "long/topic"}, {.topic = "long/topic"}, {.topic = "other/topic"}}) ==
        "PUBLISH long/topic 'p' {23=1}; PUBLISH  'p' {23=1}; PUBLISH other/topic 'p'");
  state.detach({});
  connect({.clean = false, .expiry = 60, .alias_maximum = 1});
  CHECK(deliver({.topic = "long/topic", .quality = qos1}) == "PUBLISH long/topic 'p' q1 #1 {23=1}");
}

TEST_CASE_METHOD(session_fixture, "a client that allows no alias gets none [v5:MQTT-3.1.2-27]", "[session_state]") {
  connect();
  CHECK(deliver_all({{.topic = "long/topic"}, {.topic = "long/topic"}}) ==
        "PUBLISH long/topic 'p'; PUBLISH long/topic 'p'");
}

// An alias that was assigned to a packet that never went out would be unknown to the client.
TEST_CASE_METHOD(session_fixture, "a packet that is too large to be sent defines no alias [v5:MQTT-3.1.2-25]",
                 "[session_state]") {
  connect({.packet_size_max = 60, .alias_maximum = 5});
  CHECK(deliver({.topic = "long/topic", .payload = std::string(100, 'x')}) == "");
  CHECK(deliver({.topic = "long/topic"}) == "PUBLISH long/topic 'p' {23=1}");
}

TEST_CASE_METHOD(session_fixture,
                 "a message carries the identifiers of its subscriptions, and again when it is resent "
                 "[v5:MQTT-3.3.4-3] [v5:MQTT-3.3.4-4]",
                 "[session_state]") {
  connect({.clean = false, .expiry = 60});
  CHECK(deliver_all({{.quality = qos1, .identifiers = {5, 70'000}}, {.identifiers = {6}}}) ==
        "PUBLISH t 'p' q1 #1 {0b=5 0b=70000}; PUBLISH t 'p' {0b=6}");
  state.detach({});
  CHECK(connect({.clean = false, .expiry = 60}) == "CONNACK 00 present; PUBLISH t 'p' q1 #1 dup {0b=5 0b=70000}");
}

TEST_CASE_METHOD(session_fixture, "a client of 3.1.1 gets no properties", "[session_state]") {
  version = conformance::version::v311;
  connect();
  CHECK(deliver_all({{.properties = "02 0000000a", .identifiers = {5}}, {.quality = qos1, .properties = "01 01"}}) ==
        "PUBLISH t 'p'; PUBLISH t 'p' q1 #1");
}

} // namespace actorbus::test
