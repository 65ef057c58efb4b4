#include "conformance.hpp"

namespace actorbus::conformance {

namespace {

/// MQTT 3.1 has no Session Present flag.
void check_session_present(const client& c, bool expected) {
  INFO("CONNACK: " << to_hex(c.connack().raw));
  CHECK(c.session_present() == (expected && c.protocol() != version::v31));
}

} // namespace

TEST_CASE_METHOD(in_every_version,
                 "session present says whether there was one [v3:MQTT-3.2.2-2] [v3:MQTT-3.2.2-3] "
                 "[v5:MQTT-3.2.2-3] [v5:MQTT-3.1.2-5] [v5:MQTT-3.1.2-6] [v3:MQTT-3.1.2-4]",
                 "[session]") {
  auto a = connect({.clean = false, .expiry = 60});
  check_session_present(a, false);
  a.disconnect();
  auto again = connect({.id = a.id(), .clean = false, .expiry = 60});
  check_session_present(again, true);
}

TEST_CASE_METHOD(in_every_version,
                 "a clean start is told that there is no session [v3:MQTT-3.2.2-1] [v3:MQTT-3.1.4-3] [v5:MQTT-3.1.4-4] "
                 "[v5:MQTT-3.2.2-2] [v5:MQTT-3.1.2-4] [v3:MQTT-3.1.2-6]",
                 "[session]") {
  auto a = connect({.clean = false, .expiry = 60});
  a.disconnect();
  auto clean = connect({.id = a.id()});
  check_session_present(clean, false);
  clean.disconnect();
  auto after = connect({.id = a.id(), .clean = false, .expiry = 60});
  check_session_present(after, false);
}

TEST_CASE_METHOD(in_every_version,
                 "subscriptions stand when the client returns [v3:MQTT-3.1.2-4] [v5:MQTT-3.1.2-5] "
                 "[v5:MQTT-3.1.2-23]",
                 "[session]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 1);
  b.disconnect();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  a.publish({.topic = t, .payload = "m", .qos = 1});
  again.expect_message({.topic = t, .payload = "m", .qos = 1});
}

TEST_CASE_METHOD(in_every_version,
                 "messages of QoS 1 and 2 wait for a client that is away, in their order "
                 "[v3:MQTT-3.1.2-5] [v3:MQTT-4.5.0-1] [v5:MQTT-4.5.0-1]",
                 "[session]") {
  const bool abruptly = GENERATE(false, true);
  const auto t = unique();
  auto a = connect();
  a.subscribe(t + "/gone");
  auto b = connect({.expiry = 60, .will = "~ s'" + t + "/gone' s'b'"});
  b.subscribe(t, 2);
  if (abruptly) {
    b.close();
    a.expect_message({.topic = t + "/gone", .payload = "b"}); // the broker knows
  } else {
    b.disconnect();
  }
  for (int i = 0; i < 10; ++i)
    a.publish({.topic = t, .payload = std::to_string(i), .qos = 1});
  for (int i = 10; i < 20; ++i)
    a.publish({.topic = t, .payload = std::to_string(i), .qos = 2});
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  for (int i = 0; i < 20; ++i)
    again.expect_message({.topic = t, .payload = std::to_string(i), .qos = i < 10 ? 1 : 2});
  again.ping();
}

TEST_CASE_METHOD(in_every_version,
                 "a clean start drops subscriptions and what waits [v3:MQTT-3.1.2-6] "
                 "[v5:MQTT-3.1.2-4] [v3:MQTT-3.1.4-3] [v5:MQTT-3.1.4-4]",
                 "[session]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 1);
  b.disconnect();
  a.publish({.topic = t, .payload = "queued", .qos = 1});
  auto clean = connect({.id = b.id()});
  a.publish({.topic = t, .payload = "live", .qos = 1});
  clean.ping();
  clean.subscribe(t, 1);
  a.publish({.topic = t, .payload = "next", .qos = 1});
  clean.expect_message({.topic = t, .payload = "next", .qos = 1});
}

TEST_CASE_METHOD(in_every_version,
                 "a session that is not to outlive its connection does not [v3:MQTT-3.1.2-6] "
                 "[v5:MQTT-4.1.0-2]",
                 "[session]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 1);
  b.disconnect();
  a.publish({.topic = t, .payload = "lost", .qos = 1});
  auto next = connect({.id = b.id(), .clean = false, .expiry = 60});
  check_session_present(next, false);
  next.subscribe(t, 1);
  a.publish({.topic = t, .payload = "next", .qos = 1});
  next.expect_message({.topic = t, .payload = "next", .qos = 1});
}

TEST_CASE_METHOD(in_every_version,
                 "sessions are told apart by their client identifier [v3:MQTT-3.1.3-2] "
                 "[v5:MQTT-3.1.3-2]",
                 "[session]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  auto c = connect({.expiry = 60});
  b.subscribe(t + "/b", 1);
  c.subscribe(t + "/c", 1);
  b.disconnect();
  c.disconnect();
  a.publish({.topic = t + "/b", .payload = "for b", .qos = 1});
  a.publish({.topic = t + "/c", .payload = "for c", .qos = 1});
  auto c_again = connect({.id = c.id(), .clean = false, .expiry = 60});
  auto b_again = connect({.id = b.id(), .clean = false, .expiry = 60});
  b_again.expect_message({.topic = t + "/b", .payload = "for b", .qos = 1});
  c_again.expect_message({.topic = t + "/c", .payload = "for c", .qos = 1});
  b_again.ping();
  c_again.ping();
}

TEST_CASE_METHOD(in_every_version,
                 "a session that was to end with its connection ends on take-over too (3.1.4) "
                 "[v3:MQTT-3.1.2-6] [v5:MQTT-4.1.0-2]",
                 "[session][take_over]") {
  auto a = connect();
  auto next = connect({.id = a.id(), .clean = false, .expiry = 60});
  check_session_present(next, false);
}

TEST_CASE_METHOD(in_version_5, "a clean start may begin a session that outlives its connection (3.1.2.4)",
                 "[session]") {
  auto a = connect({.clean = true, .expiry = 60});
  a.disconnect();
  CHECK(connect({.id = a.id(), .clean = false}).session_present());
}

TEST_CASE_METHOD(in_version_5, "the last connection's session expiry interval counts (3.1.2.11.2)", "[session]") {
  auto a = connect({.expiry = 60});
  a.disconnect();
  auto b = connect({.id = a.id(), .clean = false});
  CHECK(b.session_present());
  b.disconnect();
  CHECK_FALSE(connect({.id = a.id(), .clean = false}).session_present());
}

TEST_CASE_METHOD(in_version_5, "DISCONNECT can end the session (3.14.2.2.2)", "[session][disconnect]") {
  auto a = connect({.expiry = 60});
  a.send("e0 [ 00 [ 11 00000000 ] ]");
  a.expect_closed();
  CHECK_FALSE(connect({.id = a.id(), .clean = false}).session_present());
}

TEST_CASE_METHOD(in_version_5, "DISCONNECT can prolong the session (3.14.2.2.2)", "[session][disconnect][time]") {
  auto a = connect({.expiry = 1});
  a.send("e0 [ 00 [ 11 0000003c ] ]");
  a.expect_closed();
  let_pass(std::chrono::milliseconds{1300});
  CHECK(connect({.id = a.id(), .clean = false}).session_present());
}

TEST_CASE_METHOD(in_version_5, "DISCONNECT cannot prolong a session that was to end: 0x82 (3.14.2.2.2)",
                 "[session][disconnect]") {
  auto a = connect();
  a.send("e0 [ 00 [ 11 0000003c ] ]");
  a.expect_ended({0x82});
  CHECK_FALSE(connect({.id = a.id(), .clean = false}).session_present());
}

TEST_CASE_METHOD(in_version_5,
                 "a session ends when its expiry interval has passed, not before [v5:MQTT-4.1.0-2] "
                 "[v5:MQTT-3.1.2-23]",
                 "[session][time]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 2});
  b.subscribe(t, 1);
  b.disconnect();
  a.publish({.topic = t, .payload = "queued", .qos = 1});
  let_pass(std::chrono::milliseconds{500});
  auto in_time = connect({.id = b.id(), .clean = false, .expiry = 1});
  CHECK(in_time.session_present());
  in_time.expect_message({.topic = t, .payload = "queued", .qos = 1});
  in_time.disconnect();
  let_pass(std::chrono::milliseconds{1300});
  CHECK_FALSE(connect({.id = b.id(), .clean = false}).session_present());
}

TEST_CASE_METHOD(in_version_5,
                 "a session ends with its expiry interval, to the millisecond [v5:MQTT-4.1.0-2] [v5:MQTT-3.1.2-23]",
                 "[session][time]") {
  if (!time_is_virtual())
    return;
  auto a = connect({.expiry = 3600});
  a.disconnect();
  let_pass(std::chrono::milliseconds{3'599'999});
  auto again = connect({.id = a.id(), .clean = false, .expiry = 3600});
  CHECK(again.session_present());
  again.disconnect();
  let_pass(std::chrono::milliseconds{3'600'000});
  CHECK_FALSE(connect({.id = a.id(), .clean = false}).session_present());
}

TEST_CASE_METHOD(in_version_5, "the broker may shorten the session expiry interval, and says so (3.2.2.3.2)",
                 "[session][limits]") {
  limit({.session_expiry_seconds_max = 30});
  auto a = connect({.expiry = 31});
  CHECK(a.connack().numbers(property_id::session_expiry_interval) == std::vector<std::uint32_t>{30});
  CHECK_FALSE(connect({.expiry = 30}).connack().has(property_id::session_expiry_interval));
}

TEST_CASE_METHOD(in_version_5, "a session does not expire while its connection is open [v5:MQTT-4.1.0-1]",
                 "[session][time]") {
  auto a = connect({.expiry = 1});
  let_pass(std::chrono::milliseconds{1300});
  a.ping();
  auto next = connect({.id = a.id(), .clean = false, .expiry = 60});
  CHECK(next.session_present());
}

TEST_CASE_METHOD(in_version_5, "0xFFFFFFFF is a session without an end (3.1.2.11.2)", "[session][time]") {
  auto a = connect({.expiry = 0xffffffff});
  a.disconnect();
  let_pass(time_is_virtual() ? std::chrono::milliseconds{std::chrono::hours{24 * 365}} : std::chrono::milliseconds{0});
  CHECK(connect({.id = a.id(), .clean = false}).session_present());
}

} // namespace actorbus::conformance
