#include "conformance.hpp"

namespace actorbus::conformance {

using std::chrono::milliseconds;

TEST_CASE_METHOD(in_every_version, "PINGREQ is answered by PINGRESP [v3:MQTT-3.12.4-1] [v5:MQTT-3.12.4-1]", "[ping]") {
  auto a = connect();
  a.send("c0 00");
  a.expect("d0 00");
  a.send("c0 00 c0 00 c0 00");
  a.expect("d0 00 d0 00 d0 00");
}

TEST_CASE_METHOD(in_every_version,
                 "silence for one and a half times the keep-alive closes the connection, not sooner "
                 "[v3:MQTT-3.1.2-24] [v5:MQTT-3.1.2-22]",
                 "[ping][time][not-mosquitto]") {
  if (spares_seconds())
    return;
  auto a = connect({.keep_alive = 1});
  if (time_is_virtual()) {
    let_pass(milliseconds{1400});
    a.ping();
    let_pass(milliseconds{1400});
    a.ping();
    let_pass(milliseconds{1600});
    a.expect_ended({0x8d});
    return;
  }
  const auto started = std::chrono::steady_clock::now();
  a.expect_ended({0x8d});
  CHECK(std::chrono::steady_clock::now() - started > milliseconds{1400});
}

TEST_CASE_METHOD(in_every_version,
                 "every packet keeps the connection alive, PINGREQ and others [v3:MQTT-3.1.2-24] "
                 "[v5:MQTT-3.1.2-22]",
                 "[ping][time]") {
  if (spares_seconds())
    return;
  const auto t = unique();
  auto a = connect({.keep_alive = 1});
  for (int i = 0; i < 2; ++i) {
    let_pass(milliseconds{700});
    a.send("30 [ s'{}' ~ 'alive' ]", t);
    let_pass(milliseconds{700});
    a.send("c0 00");
  }
  a.expect("d0 00 d0 00");
  a.ping();
}

TEST_CASE_METHOD(in_every_version,
                 "what the broker sends does not keep the connection alive [v3:MQTT-3.1.2-24] "
                 "[v5:MQTT-3.1.2-22]",
                 "[ping][time]") {
  if (spares_seconds())
    return;
  const auto t = unique();
  auto a = connect();
  auto b = connect({.keep_alive = 1});
  b.subscribe(t);
  for (int i = 0; i < 4; ++i) {
    a.publish({.topic = t, .payload = "m"});
    let_pass(milliseconds{700});
  }
  for (int i = 0; i < 2; ++i)
    b.expect("30 [ s'{}' ~ 'm' ]", t);
  for (;;) {
    const auto last = b.receive_or_end();
    if (!last || last->type == packet_type::disconnect)
      break;
    CHECK(last->payload == "m");
  }
  b.expect_closed();
}

TEST_CASE_METHOD(in_every_version, "keep-alive 0 never closes [v3:MQTT-3.1.2-24] [v5:MQTT-3.1.2-22]", "[ping][time]") {
  if (spares_seconds())
    return;
  auto a = connect({.keep_alive = 0});
  let_pass(time_is_virtual() ? milliseconds{std::chrono::hours{48}} : milliseconds{1600});
  a.ping();
}

TEST_CASE_METHOD(in_every_version,
                 "the keep-alive's end is a broken connection: the will is published "
                 "[v3:MQTT-3.1.2-8] [v5:MQTT-3.1.2-8]",
                 "[ping][will][time][not-mosquitto]") {
  if (spares_seconds())
    return;
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect({.keep_alive = 1, .will = notation("~ s'{}' s'gone'", t)});
  let_pass(milliseconds{time_is_virtual() ? 1600 : 0});
  b.expect("30 [ s'{}' ~ 'gone' ]", t);
}

TEST_CASE_METHOD(in_every_version,
                 "a silent client is let go after one and a half times its keep-alive, to the millisecond "
                 "[v3:MQTT-3.1.2-24] [v5:MQTT-3.1.2-22]",
                 "[ping][will][time]") {
  if (!time_is_virtual())
    return;
  const auto keep_alive = GENERATE(as<std::uint16_t>{}, 1, 60, 0xffff);
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect({.keep_alive = keep_alive, .will = notation("~ s'{}' s'gone'", t)});
  let_pass(milliseconds{keep_alive * 1500 - 1});
  b.ping(); // no will yet
  let_pass(milliseconds{1});
  b.expect("30 [ s'{}' ~ 'gone' ]", t);
  a.expect_ended({0x8d});
}

TEST_CASE_METHOD(in_version_5, "without a server keep-alive the client's own counts [v5:MQTT-3.2.2-22]", "[ping]") {
  CHECK_FALSE(connect({.keep_alive = 60}).connack().has(property_id::server_keep_alive));
}

TEST_CASE_METHOD(in_version_5, "a server keep-alive is told, and counts in place of the client's (3.2.2.3.14)",
                 "[ping][time][limits]") {
  limit({.keep_alive_seconds_max = 1});
  const auto asked = time_is_virtual() ? GENERATE(as<std::uint16_t>{}, 0, 2, 0xffff) : std::uint16_t{0xffff};
  const auto t = unique();
  auto b = connect({.keep_alive = 1});
  b.subscribe(t);
  auto a = connect({.keep_alive = asked, .will = notation("~ s'{}' s'gone'", t)});
  CHECK(a.connack().numbers(property_id::server_keep_alive) == std::vector<std::uint32_t>{1});
  for (int i = 0; i < 2; ++i) {
    let_pass(milliseconds{700});
    b.ping();
  }
  let_pass(milliseconds{time_is_virtual() ? 100 : 0});
  b.expect("30 [ s'{}' ~ 'gone' ]", t);
  a.expect_ended({0x8d});
}

} // namespace actorbus::conformance
