#include "conformance.hpp"

namespace actorbus::conformance {

TEST_CASE_METHOD(in_every_version,
                 "a connection that breaks publishes its will at the will's QoS [v3:MQTT-3.1.2-8] "
                 "[v5:MQTT-3.1.2-7] [v5:MQTT-3.1.2-8] [v5:MQTT-3.1.2-12] [v5:MQTT-3.1.2-14] "
                 "[v3:MQTT-3.1.2-16]",
                 "[will]") {
  const int qos = GENERATE(0, 1, 2);
  const auto t = unique();
  auto b = connect();
  b.subscribe(t, 2);
  auto a = connect({.will = notation("~ s'{}' s'gone'", t), .will_qos = qos});
  a.close();
  b.expect_message({.topic = t, .payload = "gone", .qos = qos});
  auto late = connect();
  late.subscribe(t);
  late.ping();
}

TEST_CASE_METHOD(in_every_version, "a retained will is retained [v3:MQTT-3.1.2-17] [v5:MQTT-3.1.2-15]", "[will]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t, 1);
  auto a = connect({.will = notation("~ s'{}' s'gone'", t), .will_qos = 1, .will_retain = true});
  a.close();
  b.expect_message({.topic = t, .payload = "gone", .qos = 1});
  auto late = connect();
  late.subscribe(t, 1);
  late.expect_message({.topic = t, .payload = "gone", .qos = 1, .retain = true});
}

TEST_CASE_METHOD(in_every_version,
                 "DISCONNECT discards the will [v3:MQTT-3.14.4-2] [v3:MQTT-3.1.2-10] "
                 "[v5:MQTT-3.14.4-3] [v5:MQTT-3.1.2-10]",
                 "[will]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect({.will = notation("~ s'{}' s'gone'", t)});
  a.disconnect();
  auto again = connect({.id = a.id()});
  again.publish({.topic = t, .payload = "next"});
  b.expect("30 [ s'{}' ~ 'next' ]", t);
}

TEST_CASE_METHOD(in_version_5, "DISCONNECT with any other reason code than 0 publishes the will (3.1.2.5, 3.14.4)",
                 "[will][not-mosquitto]") {
  const auto reason = GENERATE(as<std::uint8_t>{}, 0x04, 0x80, 0x81, 0x93, 0x97);
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect({.will = notation("~ s'{}' s'gone'", t)});
  a.send("e0 01 {}", reason);
  a.expect_closed();
  b.expect("30 [ s'{}' 00 'gone' ]", t);
}

TEST_CASE_METHOD(in_every_version,
                 "a connection that the broker closes for a broken rule publishes its will "
                 "[v3:MQTT-3.1.2-8] [v5:MQTT-3.1.2-8]",
                 "[will]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect({.will = notation("~ s'{}' s'gone'", t)});
  a.send("(a PUBLISH of QoS 3) 36 [ s'x' 0001 ~ ]");
  a.expect_ended({});
  b.expect("30 [ s'{}' ~ 'gone' ]", t);
}

TEST_CASE_METHOD(in_every_version,
                 "a connection that is taken over publishes its will [v3:MQTT-3.1.2-8] "
                 "[v5:MQTT-3.1.2-8]",
                 "[will][take_over]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect({.will = notation("~ s'{}' s'gone'", t)});
  auto next = connect({.id = a.id()});
  b.expect("30 [ s'{}' ~ 'gone' ]", t);
  next.ping();
}

TEST_CASE_METHOD(in_every_version,
                 "a will belongs to its connection: the next one without a will has none "
                 "[v3:MQTT-3.1.2-12] [v3:MQTT-3.1.2-8]",
                 "[will]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect({.expiry = 60, .will = notation("~ s'{}' s'gone'", t)});
  a.disconnect();
  auto second = connect({.id = a.id(), .clean = false, .expiry = 60});
  second.close();
  auto third = connect({.id = a.id(), .clean = false, .expiry = 60});
  third.publish({.topic = t, .payload = "next"});
  b.expect("30 [ s'{}' ~ 'next' ]", t);
}

TEST_CASE_METHOD(in_every_version, "a will may be empty and its payload may be any bytes (3.1.3.3)", "[will]") {
  const std::string payload = GENERATE("0000", "< 00 ff 80 00 >");
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect({.will = notation("~ s'{}' ", t) + payload});
  a.close();
  const auto got = b.receive_message();
  CHECK(got.topic == t);
  CHECK(got.payload == (payload == "0000" ? std::string{} : std::string{"\x00\xff\x80\x00", 4}));
}

TEST_CASE_METHOD(in_every_version,
                 "a session that is away has the will waiting for it [v3:MQTT-4.5.0-1] "
                 "[v5:MQTT-4.5.0-1]",
                 "[will]") {
  const auto t = unique();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 1);
  b.disconnect();
  auto a = connect({.will = notation("~ s'{}' s'gone'", t), .will_qos = 1});
  a.close();
  auto next = connect({.id = a.id()});
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  again.expect_message({.topic = t, .payload = "gone", .qos = 1});
}

TEST_CASE_METHOD(in_version_5, "a will is published with its properties (3.1.3.2)", "[will][properties]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t, 1);
  auto a = connect({.will = notation("[ (will delay) 18 00000000 01 01 02 0000012c 03 s'text' 08 s'answer' 09 < 01 > "
                                     "26 s'b' s'1' 26 s'a' s'2' ] s'{}' s'gone'",
                                     t),
                    .will_qos = 1});
  a.close();
  const auto got = b.receive_message();
  CHECK(got.payload == "gone");
  CHECK(got.properties.size() == 7);
  CHECK(got.number_or(property_id::payload_format_indicator, 9) == 1);
  const auto expiry = got.number_or(property_id::message_expiry_interval, 0);
  CHECK(expiry <= 300);
  CHECK(expiry > 290);
  CHECK(got.text(property_id::content_type) == "text");
  CHECK(got.text(property_id::response_topic) == "answer");
  CHECK(got.text(property_id::correlation_data) == "\x01");
  CHECK(user_properties(got) == std::vector<std::string>{"b=1", "a=2"});
}

TEST_CASE_METHOD(in_version_5, "a delayed will waits for its delay [v5:MQTT-3.1.2-8]", "[will][time]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect({.expiry = 60, .will = notation("[ 18 00000001 ] s'{}' s'gone'", t)});
  const auto started = std::chrono::steady_clock::now();
  a.close();
  b.ping();
  let_pass(std::chrono::milliseconds{time_is_virtual() ? 1000 : 0});
  b.expect("30 [ s'{}' 00 'gone' ]", t);
  if (!time_is_virtual())
    CHECK(std::chrono::steady_clock::now() - started >= std::chrono::seconds{1});
}

TEST_CASE_METHOD(in_version_5, "a delayed will comes to the millisecond [v5:MQTT-3.1.2-8]", "[will][time]") {
  if (!time_is_virtual())
    return;
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  const auto expiry = GENERATE(as<std::uint32_t>{}, 10, 3600);
  INFO("the session's end, or the delay's, whichever comes first: " << expiry);
  auto a = connect({.expiry = expiry, .will = notation("[ (will delay) 18 0000000a ] s'{}' s'gone'", t)});
  a.close();
  let_pass(std::chrono::milliseconds{9'999});
  b.ping();
  let_pass(std::chrono::milliseconds{1});
  b.expect("30 [ s'{}' 00 'gone' ]", t);
}

TEST_CASE_METHOD(in_version_5, "a will's expiry counts while it waits for its delay (3.1.3.2.4) [v5:MQTT-3.3.2-6]",
                 "[will][time][not-mosquitto]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect({.expiry = 60, .will = notation("[ 18 00000001 02 0000000a ] s'{}' s'gone'", t)});
  auto c = connect({.expiry = 60, .will = notation("[ 18 00000001 02 00000001 ] s'{}' s'expired'", t)});
  let_pass(std::chrono::milliseconds{time_is_virtual() ? 5000 : 0}); // the connection's time does not count
  c.close();
  a.close();
  let_pass(std::chrono::milliseconds{1000});
  const auto got = b.receive_message();
  CHECK(got.payload == "gone");
  const auto left = got.number_or(property_id::message_expiry_interval, 0);
  CHECK(left <= 9);
  CHECK(left >= (time_is_virtual() ? 9 : 2));
  b.ping();
}

TEST_CASE_METHOD(in_version_5, "a return before the delay has passed cancels the will [v5:MQTT-3.1.3-9]",
                 "[will][time]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect({.expiry = 60, .will = notation("[ 18 00000001 ] s'{}' s'gone'", t)});
  a.close();
  auto again = connect({.id = a.id(), .clean = false, .expiry = 60});
  CHECK(again.session_present());
  let_pass(std::chrono::milliseconds{1500});
  again.publish({.topic = t, .payload = "next"});
  b.expect("30 [ s'{}' 00 'next' ]", t);
}

TEST_CASE_METHOD(in_version_5, "the end of the session publishes a delayed will at once [v5:MQTT-3.1.2-8]",
                 "[will][not-mosquitto]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  SECTION("because the session does not outlive the connection") {
    auto a = connect({.will = notation("[ 18 00000e10 ] s'{}' s'gone'", t)});
    a.close();
    b.expect("30 [ s'{}' 00 'gone' ]", t);
  }
  SECTION("because the session does not outlive the connection that is taken over") {
    auto a = connect({.will = notation("[ 18 00000e10 ] s'{}' s'gone'", t)});
    auto next = connect({.id = a.id(), .clean = false});
    b.expect("30 [ s'{}' 00 'gone' ]", t);
  }
  SECTION("because a clean start ends it") {
    auto a = connect({.expiry = 3600, .will = notation("[ 18 00000e10 ] s'{}' s'gone'", t)});
    a.close();
    auto next = connect({.id = a.id()});
    b.expect("30 [ s'{}' 00 'gone' ]", t);
  }
}

} // namespace actorbus::conformance
