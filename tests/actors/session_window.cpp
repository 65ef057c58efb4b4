#include "session_fixture.hpp"

#include <catch2/catch.hpp>

namespace actorbus::test {

// Windows: what is on its way between the session and its client at QoS 1 and 2.

TEST_CASE_METHOD(session_fixture, "a message at QoS 1 is done with its PUBACK [v5:MQTT-4.3.2-3]", "[session_state]") {
  connect();
  CHECK(deliver(qos1, 1, 1) == "PUBLISH t '1' q1 #1");
  CHECK(state.inflight_messages() == 1);
  CHECK(receive("40 02 0001") == "");
  CHECK(state.inflight_messages() == 0);
}

TEST_CASE_METHOD(session_fixture, "a message at QoS 2 goes PUBREC, PUBREL, PUBCOMP [v5:MQTT-4.3.3-4] [v5:MQTT-4.3.3-5]",
                 "[session_state]") {
  connect();
  CHECK(deliver(qos2, 1, 1) == "PUBLISH t '1' q2 #1");
  CHECK(receive("50 02 0001") == "PUBREL #1");
  CHECK(receive("50 02 0001") == "PUBREL #1");
  CHECK(state.inflight_messages() == 1);
  CHECK(receive("70 02 0001") == "");
  CHECK(state.inflight_messages() == 0);
}

TEST_CASE_METHOD(session_fixture, "a PUBREC with an error ends the message [v5:MQTT-4.4.0-2]", "[session_state]") {
  connect();
  deliver(qos2, 1, 1);
  CHECK(receive("50 03 0001 83") == "");
  CHECK(state.inflight_messages() == 0);
}

TEST_CASE_METHOD(session_fixture, "acknowledgements that answer nothing are harmless", "[session_state]") {
  connect();
  deliver(qos1, 1, 1);
  deliver(qos2, 2, 1);
  CHECK(receive("40 02 0002 70 02 0002 70 02 0001 40 02 0009") == "");
  CHECK(state.inflight_messages() == 2);
  CHECK(receive("50 02 0007") == "PUBREL #7 92");
}

TEST_CASE_METHOD(session_fixture,
                 "no more messages are on their way than the client's receive maximum allows [v5:MQTT-3.3.4-9]",
                 "[session_state]") {
  connect({.receive_maximum = 2});
  CHECK(deliver(qos1, 1, 4) == "PUBLISH t '1' q1 #1; PUBLISH t '2' q1 #2");
  CHECK(state.queued_messages() == 2);
  CHECK(receive("40 02 0002") == "PUBLISH t '3' q1 #3");
  CHECK(receive("40 02 0001 40 02 0003") == "PUBLISH t '4' q1 #4");
}

TEST_CASE_METHOD(session_fixture, "QoS 0 does not wait for the window [v5:MQTT-3.3.4-10] [v5:MQTT-4.9.0-3]",
                 "[session_state]") {
  connect({.receive_maximum = 1});
  CHECK(deliver(qos2, 1, 2) == "PUBLISH t '1' q2 #1");
  CHECK(deliver(qos0, 3, 1) == "PUBLISH t '3'");
  CHECK(receive("c0 00") == "PINGRESP");
}

TEST_CASE_METHOD(session_fixture, "a message at QoS 2 holds its place until PUBCOMP", "[session_state]") {
  connect({.receive_maximum = 1});
  CHECK(deliver(qos2, 1, 2) == "PUBLISH t '1' q2 #1");
  CHECK(receive("50 02 0001") == "PUBREL #1");
  CHECK(receive("70 02 0001") == "PUBLISH t '2' q2 #2");
}

TEST_CASE_METHOD(session_fixture, "the broker's own limit bounds what is on its way, in every version",
                 "[session_state]") {
  bounds.inflight_max = 3;
  version = GENERATE(conformance::version::v311, conformance::version::v5);
  connect();
  deliver(qos1, 1, 10);
  CHECK(state.inflight_messages() == 3);
  CHECK(state.queued_messages() == 7);
}

TEST_CASE_METHOD(session_fixture,
                 "a session resumes in the order of sending, with DUP and the same identifiers "
                 "[v5:MQTT-4.4.0-1] [v5:MQTT-4.6.0-6]",
                 "[session_state]") {
  bounds.inflight_max = 4;
  connect({.clean = false, .expiry = 60});
  deliver_all({{.payload = "a", .quality = qos1},
               {.payload = "b", .quality = qos2},
               {.payload = "c", .quality = qos1},
               {.payload = "d", .quality = qos2},
               {.payload = "e", .quality = qos1}});
  CHECK(receive("40 02 0001 50 02 0002") == "PUBREL #2; PUBLISH t 'e' q1 #5");
  state.detach({});
  deliver(qos1, 6, 1);
  CHECK(connect({.clean = false, .expiry = 60}) ==
        "CONNACK 00 present; PUBREL #2; PUBLISH t 'c' q1 #3 dup; PUBLISH t 'd' q2 #4 dup; PUBLISH t 'e' q1 #5 dup");
  CHECK(receive("40 02 0003") == "PUBLISH t '6' q1 #6");
}

TEST_CASE_METHOD(session_fixture, "a resumed session keeps to the new connection's receive maximum [v5:MQTT-3.3.4-9]",
                 "[session_state]") {
  connect({.clean = false, .expiry = 60});
  deliver(qos1, 1, 3);
  state.detach({});
  CHECK(connect({.clean = false, .expiry = 60, .receive_maximum = 1}) == "CONNACK 00 present; PUBLISH t '1' q1 #1 dup");
  CHECK(receive("40 02 0001") == "PUBLISH t '2' q1 #2 dup");
}

TEST_CASE_METHOD(session_fixture, "identifiers never run dry, the rest waits [v5:MQTT-2.2.1-4] [v5:MQTT-4.9.0-2]",
                 "[session_state]") {
  bounds.inflight_max = 65'535;
  bounds.queued_messages_max = 100'000;
  bounds.queued_bytes_max = std::size_t{1} << 30;
  connect({.clean = false, .expiry = 60});
  for (int i = 0; i < 66; ++i)
    deliver(qos1, i * 1000, 1000);
  CHECK(state.inflight_messages() == 65'535);
  CHECK(state.queued_messages() == 66'000 - 65'535);
  CHECK(receive("40 02 1234") == "PUBLISH t '65535' q1 #4660");
  state.detach({});
  connect({.clean = false, .expiry = 60, .receive_maximum = 1});
  CHECK(deliver(qos1, 66'000, 1) == "");
  CHECK(state.inflight_messages() == 65'535);
  CHECK(receive("40 02 0001") == "PUBLISH t '1' q1 #2 dup");
}

// A PUBREL used to wait behind messages that waited for the window.
TEST_CASE_METHOD(session_fixture, "a full window holds no PUBREL back [v5:MQTT-3.3.4-10]", "[session_state]") {
  connect({.clean = false, .expiry = 60});
  deliver_all(
      {{.payload = "a", .quality = qos1}, {.payload = "b", .quality = qos1}, {.payload = "c", .quality = qos2}});
  receive("50 02 0003");
  state.detach({});
  CHECK(connect({.clean = false, .expiry = 60, .receive_maximum = 1}).find("PUBREL #3") != std::string::npos);
}

TEST_CASE_METHOD(session_fixture, "an acknowledgement may come before its message is sent again", "[session_state]") {
  connect({.clean = false, .expiry = 60});
  deliver(qos1, 1, 3);
  state.detach({});
  connect({.clean = false, .expiry = 60, .receive_maximum = 1});
  CHECK(receive("40 02 0002") == "");
  CHECK(receive("40 02 0001") == "PUBLISH t '3' q1 #3 dup");
  CHECK(receive("40 02 0003") == "");
  CHECK(state.inflight_messages() == 0);
  CHECK(deliver(qos1, 4, 2) == "PUBLISH t '4' q1 #4");
}

TEST_CASE_METHOD(session_fixture,
                 "a QoS 2 message of the client is handed on once until its PUBREL [v5:MQTT-4.3.3-10] "
                 "[v5:MQTT-4.3.3-11] [v5:MQTT-4.3.3-12]",
                 "[session_state]") {
  connect({.clean = false, .expiry = 60});
  CHECK(receive("34 [ s't' 0001 00 'x' ]") == "PUBREC #1");
  CHECK(asked() == "route t 'x'");
  state.detach({});
  connect({.clean = false, .expiry = 60});
  CHECK(receive("3c [ s't' 0001 00 'x' ]") == "PUBREC #1");
  CHECK(asked() == "");
  CHECK(receive("62 02 0001") == "PUBCOMP #1");
  CHECK(receive("62 02 0001") == "PUBCOMP #1 92");
  CHECK(receive("34 [ s't' 0001 00 'y' ]") == "PUBREC #1");
  CHECK(asked() == "route t 'y'");
}

TEST_CASE_METHOD(session_fixture, "a QoS 1 message of the client is new each time [v5:MQTT-4.3.2-5]",
                 "[session_state]") {
  connect();
  CHECK(receive("32 [ s't' 0001 00 'x' ] 3a [ s't' 0001 00 'x' ]") == "PUBACK #1; PUBACK #1");
  CHECK(asked() == "route t 'x'; route t 'x'");
}

TEST_CASE_METHOD(session_fixture, "a client is told that nobody subscribes, in MQTT 5 (3.4.2.1)", "[session_state]") {
  anybody_subscribes = false;
  connect();
  CHECK(receive("32 [ s't' 0001 00 'x' ] 34 [ s't' 0002 00 'x' ]") == "PUBACK #1 10; PUBREC #2 10");
}

TEST_CASE_METHOD(session_fixture, "more QoS 2 messages than the receive maximum are refused with 0x93 (4.9)",
                 "[session_state]") {
  bounds.receive_maximum = 2;
  connect();
  CHECK(receive("34 [ s't' 0001 00 'x' ] 34 [ s't' 0002 00 'x' ]") == "PUBREC #1; PUBREC #2");
  CHECK(receive("34 [ s't' 0003 00 'x' ]") == "DISCONNECT 93");
  CHECK(asked().ends_with("close 93"));
}

// MQTT 3.1.1 has no receive maximum that a client could keep to.
TEST_CASE_METHOD(session_fixture, "a client of 3.1.1 may have any number of QoS 2 messages on their way",
                 "[session_state]") {
  bounds.receive_maximum = 2;
  version = conformance::version::v311;
  connect();
  CHECK(receive("34 [ s't' 0001 'x' ] 34 [ s't' 0002 'x' ] 34 [ s't' 0003 'x' ]") == "PUBREC #1; PUBREC #2; PUBREC #3");
}

} // namespace actorbus::test
