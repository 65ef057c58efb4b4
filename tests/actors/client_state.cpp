#include "client_state_fixture.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace actorbus::test {

TEST_CASE_METHOD(client_fixture, "CONNECT carries what the options say (3.1)", "[client_state]") {
  options.client_id = "me";
  options.clean_start = false;
  options.keep_alive_seconds = 30;
  options.session_expiry_seconds = 60;
  options.user_name = "user";
  options.password = "word";
  options.will = will_options{{"w", "gone", qos1, true}, 5};
  make();
  state->connect({});
  conformance::byte_vector all;
  state->to_broker.take([&](frame&& each) { all.assign(each.view().begin(), each.view().end()); });
  CHECK(conformance::to_hex(all) ==
        conformance::to_hex(conformance::bytes(
            "10 [ s'MQTT' 05 ec 001e [ 11 0000003c ] s'me' [ 18 00000005 ] s'w' s'gone' s'user' s'word' ]")));
}

TEST_CASE_METHOD(client_fixture, "nothing is sent before CONNACK, and all of it after", "[client_state]") {
  make();
  state->connect(note("connect"));
  sent();
  publish("a", qos0);
  publish("b", qos1);
  CHECK(sent() == "");
  CHECK(receive("20 03 00 00 00") == "PUBLISH t 'p'; PUBLISH t 'p' q1 #1");
  CHECK(noted() == "connect 00; a 00; ");
}

TEST_CASE_METHOD(client_fixture, "a refused CONNECT tells the reason", "[client_state]") {
  make();
  state->connect(note("connect"));
  sent();
  receive("20 03 00 87 00");
  CHECK(noted() == "connect 87; ");
  REQUIRE(state->failure);
  CHECK_FALSE(state->connected());
}

TEST_CASE_METHOD(client_fixture, "a publish is over with the broker's answer at its QoS", "[client_state]") {
  connect();
  publish("zero", qos0);
  publish("one", qos1);
  publish("two", qos2);
  CHECK(sent() == "PUBLISH t 'p'; PUBLISH t 'p' q1 #1; PUBLISH t 'p' q2 #2");
  CHECK(noted() == "zero 00; ");
  CHECK(receive("50 02 0002") == "PUBREL #2");
  CHECK(noted() == "");
  receive("70 02 0002");
  CHECK(noted() == "two 00; ");
  receive("40 03 0001 10");
  CHECK(noted() == "one 10; ");
}

TEST_CASE_METHOD(client_fixture, "a publish that the broker refuses is over with its reason [v5:MQTT-4.4.0-2]",
                 "[client_state]") {
  connect();
  publish("one", qos1);
  publish("two", qos2);
  sent();
  CHECK(receive("40 03 0001 97 50 03 0002 97") == "");
  CHECK(noted() == "one 97; two 97; ");
}

TEST_CASE_METHOD(client_fixture, "SUBSCRIBE and UNSUBSCRIBE tell a code a filter", "[client_state]") {
  connect();
  state->subscribe({{"a", qos1}, {"b", qos2}}, {}, note("subscribe"));
  state->unsubscribe({"a", "c"}, note("unsubscribe"));
  CHECK(sent() == "SUBSCRIBE; UNSUBSCRIBE");
  receive("90 [ 0001 00 01 87 ] b0 [ 0002 00 00 11 ]");
  CHECK(noted() == "subscribe 87 01 87; unsubscribe 00 00 11; ");
}

TEST_CASE_METHOD(client_fixture, "the broker's receive maximum bounds what is on its way [v5:MQTT-3.3.4-7]",
                 "[client_state]") {
  connect("21 0002");
  for (auto name : {"a", "b", "c"})
    publish(name, qos1, name);
  CHECK(sent() == "PUBLISH t 'a' q1 #1; PUBLISH t 'b' q1 #2");
  CHECK(state->has_work());
  CHECK(receive("40 02 0001") == "PUBLISH t 'c' q1 #3");
  CHECK(noted() == "a 00; ");
}

TEST_CASE_METHOD(client_fixture, "a full window holds back no other packets [v5:MQTT-3.3.4-8]", "[client_state]") {
  connect("21 0001");
  publish("a", qos1);
  publish("b", qos1);
  state->subscribe({{"s"}}, {}, {});
  state->ping();
  CHECK(sent() == "SUBSCRIBE; PINGREQ; PUBLISH t 'p' q1 #2");
}

TEST_CASE_METHOD(client_fixture, "a publish waits while the credit is spent", "[client_state]") {
  credit = std::make_shared<credit_account>(1000);
  connect();
  auto held = buffer::make(1000, credit);
  publish("a", qos0);
  CHECK(sent() == "");
  CHECK(noted() == "");
  held = {};
  CHECK(sent() == "PUBLISH t 'p'");
  CHECK(noted() == "a 00; ");
}

TEST_CASE_METHOD(client_fixture, "no more publishes wait than the options allow", "[client_state]") {
  options.queued_messages_max = 2;
  make();
  for (auto name : {"a", "b", "c"})
    publish(name, qos0);
  CHECK(noted() == "c 97; ");
}

TEST_CASE_METHOD(client_fixture, "a publish that is larger than the broker takes fails alone [v5:MQTT-3.2.2-15]",
                 "[client_state]") {
  connect("27 00000040");
  publish("large", qos1, std::string(100, 'x'));
  publish("small", qos1);
  CHECK(sent() == "PUBLISH t 'p' q1 #1");
  CHECK(noted() == "large 95; ");
}

TEST_CASE_METHOD(client_fixture, "a lost link fails what waits for an answer", "[client_state]") {
  connect();
  publish("one", qos1);
  state->subscribe({{"s"}}, {}, note("subscribe"));
  sent();
  state->lost({protocol::reason_code::server_unavailable, "gone"});
  CHECK(noted() == "subscribe 88; one 88; ");
  CHECK(disconnects == "88; ");
}

TEST_CASE_METHOD(client_fixture, "a link that is lost before CONNACK fails the connect", "[client_state]") {
  make();
  state->connect(note("connect"));
  state->lost({protocol::reason_code::server_unavailable, "gone"});
  CHECK(noted() == "connect 88; ");
  CHECK(disconnects == "");
}

TEST_CASE_METHOD(client_fixture, "a session that is kept sends again in its order [v5:MQTT-4.4.0-1] [v5:MQTT-4.6.0-1]",
                 "[client_state]") {
  options.session_expiry_seconds = 60;
  options.clean_start = false;
  connect();
  publish("a", qos2, "a");
  publish("b", qos1, "b");
  publish("c", qos2, "c");
  sent();
  receive("50 02 0001");
  state->lost({protocol::reason_code::server_unavailable, "gone"});
  CHECK(noted() == "");
  state->connect({});
  sent();
  CHECK(receive("20 03 01 00 00") == "PUBREL #1; PUBLISH t 'b' q1 #2 dup; PUBLISH t 'c' q2 #3 dup");
  receive("70 02 0001 40 02 0002");
  CHECK(noted() == "a 00; b 00; ");
}

// A message that the broker had released already used to be reported as failed.
TEST_CASE_METHOD(client_fixture, "a PUBREL that the broker has answered before is a success (3.7.2.1)",
                 "[client_state]") {
  options.session_expiry_seconds = 60;
  options.clean_start = false;
  connect();
  publish("a", qos2);
  sent();
  receive("50 02 0001");
  state->lost({protocol::reason_code::server_unavailable, "gone"});
  state->connect({});
  sent();
  CHECK(receive("20 03 01 00 00") == "PUBREL #1");
  receive("70 03 0001 92");
  CHECK(noted() == "a 00; ");
}

// What waited for an answer in a session that is no more used to wait for ever.
TEST_CASE_METHOD(client_fixture, "a session that the broker has lost is discarded [v5:MQTT-3.2.2-5]",
                 "[client_state]") {
  options.session_expiry_seconds = 60;
  options.clean_start = false;
  connect();
  publish("a", qos2);
  sent();
  state->lost({protocol::reason_code::server_unavailable, "gone"});
  state->connect({});
  sent();
  CHECK(receive("20 03 00 00 00") == "");
  CHECK(noted() == "a 88; ");
  publish("b", qos1);
  CHECK(sent() == "PUBLISH t 'p' q1 #2");
}

TEST_CASE_METHOD(client_fixture, "an abandoned client fails all that waits, sent or not", "[client_state]") {
  options.session_expiry_seconds = 60;
  connect("21 0001");
  publish("sent", qos1);
  publish("waits", qos1);
  sent();
  state->abandon({protocol::reason_code::server_unavailable, "gone"});
  CHECK(noted() == "sent 88; waits 88; ");
}

TEST_CASE_METHOD(client_fixture, "messages are acknowledged at their QoS, in their order [v5:MQTT-4.6.0-2]",
                 "[client_state]") {
  connect();
  CHECK(receive("30 [ s't' 00 'a' ] 32 [ s't' 0007 00 'b' ] 34 [ s't' 0008 00 'c' ]") == "PUBACK #7; PUBREC #8");
  CHECK(messages == "t=a; t=b; t=c; ");
}

TEST_CASE_METHOD(client_fixture, "a message at QoS 2 is told once until its PUBREL [v5:MQTT-4.3.3-10]",
                 "[client_state]") {
  connect();
  CHECK(receive("34 [ s't' 0008 00 'c' ] 3c [ s't' 0008 00 'c' ]") == "PUBREC #8; PUBREC #8");
  CHECK(messages == "t=c; ");
  CHECK(receive("62 02 0008") == "PUBCOMP #8");
  receive("34 [ s't' 0008 00 'd' ]");
  CHECK(messages == "t=c; t=d; ");
}

TEST_CASE_METHOD(client_fixture, "a client takes as many aliases as it allows [v5:MQTT-3.1.2-26]", "[client_state]") {
  options.topic_alias_maximum = 1;
  connect();
  receive("30 [ s't' [ 23 0001 ] 'a' ] 30 [ s'' [ 23 0001 ] 'b' ]");
  CHECK(messages == "t=a; t=b; ");
  CHECK(receive("30 [ s't' [ 23 0002 ] 'c' ]") == "DISCONNECT 94");
  CHECK(state->failure);
}

TEST_CASE_METHOD(client_fixture,
                 "malformed packets of the broker end the connection with the reason [v5:MQTT-4.13.1-1]",
                 "[client_state]") {
  struct fault {
    const char* packet;
    const char* answer;
  };
  const auto [packet, answer] = GENERATE(values<fault>({
      {"36 [ s't' 0001 00 'x' ]", "DISCONNECT 81"},
      {"82 [ 0001 00 s'a' 00 ]", "DISCONNECT 82"},
      {"30 [ s't/#' 00 'x' ]", "DISCONNECT 90"},
      {"40 01 00", "DISCONNECT 81"},
  }));
  CAPTURE(packet);
  connect();
  CHECK(receive(std::string{packet} + " 30 [ s't' 00 'behind' ]") == answer);
  CHECK(state->failure);
  CHECK(messages == "");
}

TEST_CASE_METHOD(client_fixture, "a DISCONNECT of the broker tells its reason", "[client_state]") {
  connect();
  receive("e0 02 8b 00");
  REQUIRE(state->failure);
  CHECK(state->failure->code == protocol::reason_code::server_shutting_down);
}

TEST_CASE_METHOD(client_fixture, "the broker's keep-alive replaces the client's [v5:MQTT-3.2.2-21]", "[client_state]") {
  options.keep_alive_seconds = 60;
  connect("13 000a");
  CHECK(state->keep_alive_seconds() == 10);
}

} // namespace actorbus::test
