#include "client_state_fixture.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <string>

// What a client does from one connection to the next, and while there is none.

namespace actorbus::test {

namespace {

struct returning_client : client_fixture {
  returning_client() { options.reconnect = reconnect_policy{}; }
};

} // namespace

TEST_CASE_METHOD(returning_client, "without a session QoS 1 is sent anew, and nobody knows what became of QoS 2",
                 "[client_state]") {
  connect();
  publish("one", qos1, "1");
  publish("two", qos2, "2");
  publish("three", qos1, "3");
  sent();
  state->lost({protocol::reason_code::server_unavailable, "gone"});
  CHECK(noted() == "two 88; ");
  publish("four", qos0, "4");
  state->connect({});
  sent();
  CHECK(receive("20 03 00 00 00") == "PUBLISH t '1' q1 #4; PUBLISH t '3' q1 #5; PUBLISH t '4'");
  receive("40 02 0004 40 02 0005");
  CHECK(noted() == "four 00; one 00; three 00; ");
}

TEST_CASE_METHOD(returning_client, "with its session all is sent again as it was [v5:MQTT-4.4.0-1]", "[client_state]") {
  options.session_expiry_seconds = 60;
  connect();
  publish("one", qos1, "1");
  publish("two", qos2, "2");
  sent();
  CHECK(reconnect("", "01") == "PUBLISH t '1' q1 #1 dup; PUBLISH t '2' q2 #2 dup");
  CHECK(noted() == "");
}

TEST_CASE_METHOD(returning_client, "a kept session is come back to: only the first CONNECT begins it anew",
                 "[client_state]") {
  options.client_id = "me";
  options.session_expiry_seconds = 60;
  connect();
  state->lost({protocol::reason_code::server_unavailable, "gone"});
  state->connect({});
  CHECK(sent_bytes() == hex("10 [ s'MQTT' 05 00 0000 [ 11 0000003c ] s'me' ]"));
}

TEST_CASE_METHOD(returning_client, "a session resumed with a smaller window is sent again within it [v5:MQTT-3.3.4-7]",
                 "[client_state]") {
  options.session_expiry_seconds = 60;
  connect();
  for (auto name : {"1", "2", "3"})
    publish(name, qos1, name);
  sent();
  publish("4", qos1, "4");
  CHECK(reconnect("21 0002", "01") == "PUBLISH t '1' q1 #1 dup; PUBLISH t '2' q1 #2 dup");
  CHECK(receive("40 02 0001") == "PUBLISH t '3' q1 #3 dup");
  CHECK(receive("40 02 0002") == "PUBLISH t '4' q1 #4");
  receive("40 02 0003 40 02 0004");
  CHECK(noted() == "1 00; 2 00; 3 00; 4 00; ");
}

TEST_CASE_METHOD(returning_client, "what stood is subscribed again where the session is gone", "[client_state]") {
  connect();
  subscribe("one", {{"a"}, {"b", qos1}});
  subscribe("refused", {{"c"}});
  receive("90 [ 0001 00 02 01 ] 90 [ 0002 00 87 ]");
  state->lost({protocol::reason_code::server_unavailable, "gone"});
  state->connect({});
  sent();
  state->receive(make_frame(conformance::bytes("20 03 00 00 00")));
  CHECK(sent_bytes() == hex("82 [ 0003 00 s'a' 02 s'b' 01 ]"));
  receive("90 [ 0003 00 02 87 ] 30 [ s'a' 00 'x' ] 30 [ s'b' 00 'y' ]");
  CHECK(told() == "one:a=x; b=y; ");
  CHECK(faults == "subscribing b again after a reconnect was refused: not authorized; ");
}

TEST_CASE_METHOD(returning_client, "nothing is subscribed again where the session is there", "[client_state]") {
  options.session_expiry_seconds = 60;
  connect();
  subscribe("one", {{"a"}});
  receive("90 [ 0001 00 02 ]");
  CHECK(reconnect("", "01") == "");
  receive("30 [ s'a' 00 'x' ]");
  CHECK(told() == "one:a=x; ");
}

TEST_CASE_METHOD(returning_client, "a SUBSCRIBE without an answer is sent again and ends once", "[client_state]") {
  options.session_expiry_seconds = GENERATE(0u, 60u);
  const auto* flags = options.session_expiry_seconds == 0 ? "00" : "01";
  connect();
  subscribe("one", {{"a"}});
  state->unsubscribe({"b"}, note("unsubscribe"));
  sent();
  CHECK(reconnect("", flags) == "SUBSCRIBE; UNSUBSCRIBE");
  CHECK(noted() == "");
  receive("90 [ 0001 00 02 ] b0 [ 0002 00 11 ]");
  CHECK(noted() == "subscribe 00 02; unsubscribe 00 11; ");
}

TEST_CASE_METHOD(returning_client, "what is asked without a connection waits for one", "[client_state]") {
  make();
  publish("zero", qos0, "0");
  subscribe("one", {{"a"}});
  publish("two", qos2, "2");
  state->connect({});
  sent();
  CHECK(receive("20 03 00 00 00") == "SUBSCRIBE; PUBLISH t '0'; PUBLISH t '2' q2 #2");
}

TEST_CASE_METHOD(returning_client, "a client that is given up fails each operation once", "[client_state]") {
  options.session_expiry_seconds = 60;
  connect("21 0001");
  publish("sent", qos1);
  publish("waits", qos1);
  subscribe("one", {{"a"}});
  sent();
  state->lost({protocol::reason_code::server_unavailable, "gone"});
  state->unsubscribe({"b"}, note("unsubscribe"));
  CHECK(noted() == "");
  state->abandon({protocol::reason_code::server_unavailable, "gone"});
  CHECK(noted() == "subscribe 88; sent 88; waits 88; unsubscribe 88; ");
}

TEST_CASE_METHOD(returning_client, "a full queue refuses what is new", "[client_state]") {
  options.queued_messages_max = 2;
  make();
  for (auto name : {"a", "b", "c"})
    publish(name, qos1);
  CHECK(noted() == "c 97; ");
}

TEST_CASE_METHOD(returning_client, "a full queue may drop what is oldest", "[client_state]") {
  options.queued_messages_max = 2;
  options.when_full = full_queue::drop_oldest;
  make();
  for (auto name : {"a", "b", "c", "d"})
    publish(name, qos1, name);
  CHECK(noted() == "a 97; b 97; ");
  state->connect({});
  sent();
  CHECK(receive("20 03 00 00 00") == "PUBLISH t 'c' q1 #1; PUBLISH t 'd' q1 #2");
}

TEST_CASE_METHOD(returning_client, "a full queue may drop what was sent at most once", "[client_state]") {
  options.queued_messages_max = 3;
  options.when_full = full_queue::drop_oldest_at_most_once;
  make();
  publish("a", qos1, "a");
  publish("b", qos0, "b");
  publish("c", qos0, "c");
  publish("d", qos2, "d");
  CHECK(noted() == "b 97; ");
  publish("e", qos0, "e");
  CHECK(noted() == "c 97; ");
  publish("f", qos1, "f");
  CHECK(noted() == "e 97; ");
  publish("g", qos1, "g");
  CHECK(noted() == "g 97; ");
  state->connect({});
  sent();
  CHECK(receive("20 03 00 00 00") == "PUBLISH t 'a' q1 #1; PUBLISH t 'd' q2 #2; PUBLISH t 'f' q1 #3");
}

TEST_CASE_METHOD(returning_client, "a queue is full by its bytes as well", "[client_state]") {
  options.queued_bytes_max = 100;
  make();
  publish("a", qos1, std::string(60, 'x'));
  publish("b", qos1, std::string(60, 'x'));
  CHECK(noted() == "b 97; ");
  connect();
  receive("40 02 0001");
  CHECK(noted() == "a 00; ");
  publish("alone", qos1, std::string(500, 'x'));
  sent();
  receive("40 02 0002");
  CHECK(noted() == "alone 00; ");
}

TEST_CASE_METHOD(client_fixture, "a prepared message is sent from where its payload was written", "[client_state]") {
  connect();
  outgoing_message head{"t", {}, qos1, true};
  head.properties.add(protocol::property_id::content_type, "x");
  prepared_message message{head, 3};
  CHECK(message.topic() == "t");
  const auto* place = message.payload().data();
  std::memcpy(message.payload().data(), "abc", 3);
  state->publish(std::move(message), note("publish"));
  state->pump();
  frame out;
  state->to_broker.take([&](frame&& each) { out = each; });
  CHECK(conformance::to_hex(out.view()) == hex("33 [ s't' 0001 [ 03 s'x' ] 'abc' ]"));
  CHECK(out.view().data() + out.size - 3 == place);
  state->publish(prepared_message{}, note("empty"));
  receive("40 02 0001");
  CHECK(noted() == "empty 82; publish 00; ");
}

TEST_CASE_METHOD(client_fixture, "a prepared message that was copied may be published twice", "[client_state]") {
  connect();
  prepared_message message{{"t", {}, qos1}, 1};
  message.payload()[0] = 'x';
  auto copy = message;
  state->publish(std::move(message), {});
  state->publish(std::move(copy), {});
  CHECK(sent_bytes() == hex("32 [ s't' 0001 00 'x' ] 32 [ s't' 0002 00 'x' ]"));
}

TEST_CASE_METHOD(client_fixture, "a message prepared for another version is refused", "[client_state]") {
  connect();
  state->publish(prepared_message{{"t"}, 3, protocol::protocol_version::v3_1_1}, note("publish"));
  CHECK(sent() == "");
  CHECK(noted() == "publish 84; ");
}

// It is kept as it was sent, and receivers may still read that.
TEST_CASE_METHOD(returning_client, "a large message is sent again with its flag, and the bytes sent first stay",
                 "[client_state]") {
  options.session_expiry_seconds = 60;
  connect();
  publish("large", qos1, std::string(10'000, 'x'));
  state->pump();
  frame first;
  state->to_broker.take([&](frame&& each) { first = each; });
  const auto before = conformance::to_hex(first.view());
  CHECK(reconnect("", "01") == "PUBLISH t '" + std::string(10'000, 'x') + "' q1 #1 dup");
  CHECK(conformance::to_hex(first.view()) == before);
  receive("40 02 0001");
  CHECK(noted() == "large 00; ");
}

} // namespace actorbus::test
