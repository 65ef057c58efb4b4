#include "session_fixture.hpp"

#include <catch2/catch.hpp>

namespace actorbus::test {

// Packets take effect one after the other, and none after a fault.

TEST_CASE_METHOD(session_fixture, "packets behind a SUBSCRIBE wait until the broker has answered", "[session_state]") {
  connect();
  const auto packets = make_frame(conformance::bytes("82 [ 0001 00 s'a' 01 ] c0 00"));
  CHECK(state.receive(packets) == packets.size - 2);
  CHECK(asked() == "subscribe #1 a");
  CHECK(state.awaits_broker());
  CHECK(sent() == "");
  state.subscribed({.packet_id = 1, .codes = {protocol::reason_code{1}}});
  CHECK_FALSE(state.awaits_broker());
  CHECK(sent() == "SUBACK #1 01");
}

TEST_CASE_METHOD(session_fixture, "packets behind an UNSUBSCRIBE wait as well", "[session_state]") {
  connect();
  const auto packets = make_frame(conformance::bytes("a2 [ 0001 00 s'a' s'b' ] 30 [ s'a' 00 'x' ]"));
  CHECK(state.receive(packets) == 2 + 2 + 1 + 3 + 3);
  CHECK(asked() == "unsubscribe #1 a b");
  state.unsubscribed({.packet_id = 1, .codes = {protocol::reason_code{0}, protocol::reason_code{0x11}}});
  CHECK(sent() == "UNSUBACK #1 00 11");
}

TEST_CASE_METHOD(session_fixture, "neighbours that are alike up to their payloads are all routed, in order",
                 "[session_state]") {
  connect();
  receive("30 [ s'a' 00 'x1' ] 30 [ s'a' 00 'x2' ] 30 [ s'a' 00 'x3' ]" // a run
          "30 [ s'b' 00 'y1' ] 30 [ s'b' 00 'yy2' ]"                    // another topic, another size
          "31 [ s'b' 00 'r1' ] 31 [ s'b' 00 'r2' ]"                     // retained, each for itself
          "30 [ s'b' 02 01 00 'p' ] 30 [ s'b' 02 01 01 'p' ]");         // another property
  CHECK(asked() ==
        "route a 'x1'; route a 'x2'; route a 'x3'; route b 'y1'; route b 'yy2'; retain b 'r1'; route b 'r1'; "
        "retain b 'r2'; route b 'r2'; route b 'p'; route b 'p'");
  CHECK(sent() == "");
}

TEST_CASE_METHOD(session_fixture, "a run ends before a packet that is broken, and the fault is told",
                 "[session_state]") {
  version = conformance::version::v311;
  connect();
  receive("30 [ s'a' 'x1' ] 30 [ s'a' 'x2' ] 30 [ s'#' 'x3' ]");
  CHECK(asked() == "route a 'x1'; route a 'x2'; close 90");
}

TEST_CASE_METHOD(session_fixture, "retained messages follow the SUBACK, marked as retained [v5:MQTT-3.3.1-8]",
                 "[session_state]") {
  connect();
  receive("82 [ 0001 [ 0b 07 ] s'a' 02 ]");
  REQUIRE(subscribe_requests.size() == 1);
  protocol::publish packet;
  packet.topic = "a";
  packet.payload = protocol::as_bytes("kept");
  packet.qos = GENERATE(qos0, qos1, qos2);
  auto value = message::make(packet, protocol::protocol_version::v5, {}, {});
  state.subscribed({.packet_id = 1,
                    .codes = {protocol::reason_code{2}},
                    .messages = {{value, subscribe_requests[0].entries[0].options}}});
  const auto quality = packet.qos == qos0 ? std::string{} : packet.qos == qos1 ? " q1 #1" : " q2 #1";
  CHECK(sent() == "SUBACK #1 02; PUBLISH a 'kept'" + quality + " retain {0b=7}");
}

TEST_CASE_METHOD(session_fixture, "3.1.1 knows one code for whatever a SUBSCRIBE was refused for (3.9.3)",
                 "[session_state]") {
  version = conformance::version::v311;
  connect();
  receive("82 [ 0001 s'a' 01 ]");
  state.subscribed({.packet_id = 1, .codes = {protocol::reason_code::quota_exceeded}});
  CHECK(sent() == "SUBACK #1 80");
}

TEST_CASE_METHOD(session_fixture, "an answer that comes after the connection is gone is dropped", "[session_state]") {
  connect({.expiry = 60});
  receive("82 [ 0001 00 s'a' 01 ]");
  state.detach({});
  state.subscribed({.packet_id = 1, .codes = {protocol::reason_code{1}}});
  CHECK(connect({.clean = false, .expiry = 60}) == "CONNACK 00 present");
}

TEST_CASE_METHOD(session_fixture,
                 "a fault closes the connection with its reason, and nothing behind it counts [v5:MQTT-4.13.1-1]",
                 "[session_state]") {
  struct fault {
    const char* packets;
    const char* reason;
  };
  const auto [packets, reason] = GENERATE(values<fault>({
      {"36 [ s't' 0001 00 'x' ]", "81"},            // QoS 3 [v5:MQTT-3.3.1-4]
      {"10 [ s'MQTT' 05 02 0000 00 s'me' ]", "82"}, // a second CONNECT [v5:MQTT-3.1.0-2]
      {"20 03 00 00 00", "82"},                     // a packet of the broker's
      {"30 [ s't' [ 23 0000 ] 'x' ]", "94"},        // alias 0 [v5:MQTT-3.3.2-8]
      {"30 [ s't' [ 23 0021 ] 'x' ]", "94"},        // above the maximum [v5:MQTT-3.3.2-9]
      {"30 [ s'' [ 23 0001 ] 'x' ]", "82"},         // an alias without a topic
      {"30 [ s't/#' 00 'x' ]", "90"},               // a wildcard in a topic name [v5:MQTT-3.3.2-2]
      {"f0 02 19 00", "82"},                        // AUTH without a method [v5:MQTT-4.12.0-7]
  }));
  CAPTURE(packets);
  connect();
  const auto answer = receive(std::string{packets} + " 30 [ s't' 00 'behind' ]");
  CHECK(answer == std::string{"DISCONNECT "} + reason);
  CHECK(asked() == std::string{"close "} + reason);
  CHECK(receive("30 [ s't' 00 'later' ] c0 00") == "");
  CHECK(deliver(qos0, 1, 1) == "");
  CHECK(asked() == "");
}

TEST_CASE_METHOD(session_fixture, "3.1.1 is closed without a packet [v3:MQTT-4.8.0-1]", "[session_state]") {
  version = conformance::version::v311;
  connect();
  CHECK(receive("36 [ s't' 0001 'x' ] 30 [ s't' 'behind' ]") == "");
  CHECK(asked() == "close 81");
}

TEST_CASE_METHOD(session_fixture, "packets before the fault in the same frame count", "[session_state]") {
  connect();
  CHECK(receive("32 [ s't' 0001 00 'x' ] 36 [ s't' 0001 00 'x' ]") == "PUBACK #1; DISCONNECT 81");
  CHECK(asked() == "route t 'x'; close 81");
}

TEST_CASE_METHOD(session_fixture, "a retained message is kept before it is handed on", "[session_state]") {
  connect();
  receive("31 [ s't' 00 'x' ]");
  CHECK(asked() == "retain t 'x'; route t 'x'");
}

TEST_CASE_METHOD(session_fixture, "a topic with too many levels is refused with 0x90", "[session_state]") {
  bounds.topic_levels_max = 3;
  connect();
  CHECK(receive("30 [ s'a/b/c' 00 'x' ]") == "");
  CHECK(asked() == "route a/b/c 'x'");
  CHECK(receive("30 [ s'a/b/c/d' 00 'x' ]") == "DISCONNECT 90");
}

TEST_CASE_METHOD(session_fixture, "a filter that is not valid fails alone in MQTT 5 (3.9.3)", "[session_state]") {
  connect();
  receive("82 [ 0001 00 s'a/#/b' 01 s'a' 01 ]");
  REQUIRE(subscribe_requests.size() == 1);
  REQUIRE(subscribe_requests[0].entries.size() == 2);
  CHECK(subscribe_requests[0].entries[0].refusal == protocol::reason_code::topic_filter_invalid);
  CHECK(subscribe_requests[0].entries[1].refusal == protocol::reason_code::success);
}

TEST_CASE_METHOD(session_fixture, "an alias of the client stands for its topic, for one connection [v5:MQTT-3.3.2-7]",
                 "[session_state]") {
  connect({.expiry = 60});
  receive("30 [ s't' [ 23 0001 ] 'x' ] 30 [ s'' [ 23 0001 ] 'y' ]");
  CHECK(asked() == "route t 'x'; route t 'y'");
  state.detach({});
  connect({.clean = false, .expiry = 60});
  CHECK(receive("30 [ s'' [ 23 0001 ] 'z' ]") == "DISCONNECT 82");
}

} // namespace actorbus::test
