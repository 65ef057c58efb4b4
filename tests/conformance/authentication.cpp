#include "conformance.hpp"

// 4.12: enhanced authentication, with a method that the buses under test know (support/known_method.hpp). The cases
// carry [not-mosquitto]: without a plugin it knows no method.

namespace actorbus::conformance {

namespace {

/// CONNECT with the method WORDS.
byte_vector connect_with(const std::string& id, const std::string& data, const std::string& method = "WORDS") {
  return connect_packet(version::v5, {.id = id, .properties = notation("15 s'{}' 16 s'{}'", method, data)});
}

struct in_the_know : in_version_5 {
  /// A client that was let in at once.
  link let_in() {
    auto a = dial();
    a.send(connect_with(unique("c"), "open"));
    const auto answer = a.receive(packet_type::connack);
    REQUIRE(answer.reason() == 0);
    return a;
  }
};

} // namespace

TEST_CASE_METHOD(in_the_know, "a CONNACK that welcomes names the method of the CONNECT [v5:MQTT-4.12.0-5]",
                 "[authentication][not-mosquitto]") {
  auto a = dial();
  a.send(connect_with(unique("c"), "open"));
  const auto answer = a.receive(packet_type::connack);
  CHECK(answer.reason() == 0);
  CHECK(answer.text(property_id::authentication_method) == "WORDS");
  a.ping();
}

TEST_CASE_METHOD(in_the_know, "a method that the server does not know is refused and closed [v5:MQTT-4.12.0-1]",
                 "[authentication]") {
  auto a = dial();
  a.send(connect_with(unique("c"), "x", "UNKNOWN"));
  const auto answer = a.refused();
  if (answer)
    CHECK((answer->reason() == 0x8c || answer->reason() == 0x87));
}

TEST_CASE_METHOD(in_the_know,
                 "a question is an AUTH 0x18 of the method, its answer another, and a welcome ends it "
                 "[v5:MQTT-4.12.0-2] [v5:MQTT-4.12.0-3] [v5:MQTT-4.12.0-5] [v5:MQTT-3.15.2-1]",
                 "[authentication][not-mosquitto]") {
  auto a = dial();
  a.send(connect_with(unique("c"), "ask"));
  a.expect("f0 [ (continue) 18 [ 15 s'WORDS' 16 s'who?' ] ]");
  a.send("f0 [ 18 [ 15 s'WORDS' 16 s'friend' ] ]");
  const auto answer = a.receive(packet_type::connack);
  CHECK(answer.reason() == 0);
  CHECK(answer.text(property_id::authentication_method) == "WORDS");
  CHECK(answer.text(0x16) == "welcome");
  a.ping();
}

TEST_CASE_METHOD(in_the_know,
                 "an authentication that fails is a CONNACK with the reason, and the end [v5:MQTT-4.12.0-4]",
                 "[authentication][not-mosquitto]") {
  const auto asked = GENERATE(false, true);
  auto a = dial();
  a.send(connect_with(unique("c"), asked ? "ask" : "wrong"));
  if (asked) {
    a.receive(packet_type::auth);
    a.send("f0 [ 18 [ 15 s'WORDS' 16 s'foe' ] ]");
  }
  const auto answer = a.refused();
  REQUIRE(answer);
  CHECK(answer->reason() == 0x87);
}

TEST_CASE_METHOD(in_the_know,
                 "until the CONNACK a client that named a method may send AUTH and DISCONNECT only [v5:MQTT-3.1.2-30]",
                 "[authentication][not-mosquitto]") {
  const std::string text = GENERATE("c0 00", "30 [ s't' 00 ]", "82 [ 0001 00 s't' 00 ]");
  auto a = dial();
  a.send(connect_with(unique("c"), "ask"));
  a.receive(packet_type::auth);
  a.send(text);
  const auto answer = a.refused();
  REQUIRE(answer);
  CHECK(answer->reason() >= 0x80);
}

TEST_CASE_METHOD(in_the_know, "a client may give an authentication up with DISCONNECT [v5:MQTT-3.1.2-30]",
                 "[authentication][not-mosquitto]") {
  auto a = dial();
  a.send(connect_with(unique("c"), "ask"));
  a.receive(packet_type::auth);
  a.send("e0 00");
  a.expect_closed();
}

TEST_CASE_METHOD(in_the_know,
                 "who is not let in leaves the session of its client identifier alone (4.12) [v5:MQTT-3.1.4-3]",
                 "[authentication][not-mosquitto]") {
  auto inside = connect();
  auto a = dial();
  a.send(connect_with(inside.id(), "wrong"));
  REQUIRE(a.refused());
  inside.ping();
}

TEST_CASE_METHOD(in_the_know, "AUTH from a client that named no method ends the connection [v5:MQTT-4.12.0-7]",
                 "[authentication]") {
  auto a = connect();
  a.send("f0 [ 19 [ 15 s'WORDS' ] ]");
  a.expect_ended({0x82, 0x8c, 0x87});
}

TEST_CASE_METHOD(in_the_know,
                 "a client may authenticate anew, and what it sends meanwhile counts [v5:MQTT-4.12.1-1] "
                 "[v5:MQTT-4.12.0-5]",
                 "[authentication][not-mosquitto]") {
  auto a = let_in();
  a.send("f0 [ (anew) 19 [ 15 s'WORDS' 16 s'ask' ] ]");
  a.expect("f0 [ (continue) 18 [ 15 s'WORDS' 16 s'who?' ] ]");
  a.ping();
  a.send("f0 [ 18 [ 15 s'WORDS' 16 s'friend' ] ]");
  a.expect("f0 [ (success) 00 [ 15 s'WORDS' 16 s'welcome' ] ]");
  a.ping();
}

TEST_CASE_METHOD(in_the_know, "who fails to authenticate anew is told so and sent away [v5:MQTT-4.12.1-2]",
                 "[authentication][not-mosquitto]") {
  auto a = let_in();
  a.send("f0 [ 19 [ 15 s'WORDS' 16 s'wrong' ] ]");
  a.expect_ended({0x87});
}

TEST_CASE_METHOD(in_the_know, "AUTH of another method, or out of turn, ends the connection [v5:MQTT-4.12.1-1]",
                 "[authentication][not-mosquitto]") {
  const std::string text = GENERATE("f0 [ 19 [ 15 s'OTHER' ] ]", "f0 [ 18 [ 15 s'WORDS' 16 s'friend' ] ]");
  auto a = let_in();
  a.send(text);
  a.expect_ended({0x82});
}

TEST_CASE_METHOD(in_the_know, "an AUTH that says nothing is one of success, which no client may say [v5:MQTT-3.15.2-1]",
                 "[authentication][not-mosquitto]") {
  auto a = let_in();
  a.send("f0 00");
  a.expect_ended({0x81, 0x82});
}

} // namespace actorbus::conformance
