#include "conformance.hpp"

namespace actorbus::conformance {

TEST_CASE_METHOD(in_every_version,
                 "a second connection with the same client identifier closes the first "
                 "[v3:MQTT-3.1.4-2] [v5:MQTT-3.1.4-3]",
                 "[take_over][not-mosquitto]") {
  const bool clean = GENERATE(true, false);
  auto a = connect({.expiry = 60});
  auto next = connect({.id = a.id(), .clean = clean, .expiry = 60});
  a.expect_ended({0x8e});
  next.ping();
}

TEST_CASE_METHOD(on_every_channel,
                 "a connection is taken over by any version of MQTT [v3:MQTT-3.1.4-2] "
                 "[v5:MQTT-3.1.4-3]",
                 "[take_over][not-mosquitto]") {
  const auto first = GENERATE(version::v31, version::v311, version::v5);
  const auto second = GENERATE(version::v31, version::v311, version::v5);
  auto a = connect(first);
  auto next = connect(second, {.id = a.id()});
  a.expect_ended({0x8e});
  next.ping();
}

TEST_CASE_METHOD(in_every_version, "the session goes on in the new connection [v3:MQTT-3.1.2-4] [v5:MQTT-3.1.2-5]",
                 "[take_over][session][not-mosquitto]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 1);
  a.publish({.topic = t, .payload = "in flight", .qos = 1});
  const auto in_flight = b.receive(packet_type::publish);
  auto next = connect({.id = b.id(), .clean = false, .expiry = 60});
  b.expect_ended({0x8e});
  next.expect("3a [ s'{}' {} ~ 'in flight' ]", t, in_flight.id);
  next.acknowledge(in_flight);
  a.publish({.topic = t, .payload = "live", .qos = 1});
  next.expect_message({.topic = t, .payload = "live", .qos = 1});
}

TEST_CASE_METHOD(in_every_version,
                 "a clean start takes over with nothing of the old session [v3:MQTT-3.1.2-6] "
                 "[v5:MQTT-3.1.2-4]",
                 "[take_over][session][not-mosquitto]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 1);
  a.publish({.topic = t, .payload = "in flight", .qos = 1});
  b.receive(packet_type::publish);
  auto next = connect({.id = b.id()});
  b.expect_ended({0x8e});
  CHECK_FALSE(next.session_present());
  a.publish({.topic = t, .payload = "lost", .qos = 1});
  next.ping();
}

TEST_CASE_METHOD(in_every_version,
                 "take-overs in a row leave the last connection [v3:MQTT-3.1.4-2] "
                 "[v5:MQTT-3.1.4-3]",
                 "[take_over][not-mosquitto]") {
  const auto t = unique();
  const auto id = unique("c");
  std::vector<client> chain;
  for (int i = 0; i < 10; ++i)
    chain.push_back(connect({.id = id, .clean = false, .expiry = 60}));
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    chain[i].expect_ended({0x8e});
  chain.back().subscribe(t);
  chain.back().publish({.topic = t, .payload = "here"});
  chain.back().expect("30 [ s'{}' ~ 'here' ]", t);
}

TEST_CASE_METHOD(in_every_version,
                 "no message is lost when its receiver is taken over [v3:MQTT-4.5.0-1] "
                 "[v5:MQTT-4.5.0-1]",
                 "[take_over][session]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 1);
  for (int i = 0; i < 5; ++i)
    a.send("32 [ s'{}' {} ~ '{}' ]", t, static_cast<std::uint16_t>(i + 1), std::to_string(i));
  auto next = connect({.id = b.id(), .clean = false, .expiry = 60});
  for (int i = 5; i < 10; ++i)
    a.send("32 [ s'{}' {} ~ '{}' ]", t, static_cast<std::uint16_t>(i + 1), std::to_string(i));
  for (int i = 0; i < 10; ++i) {
    const auto got = next.receive_message();
    CHECK(got.payload == std::to_string(i));
    CHECK((!got.dup() || i < 5));
  }
}

} // namespace actorbus::conformance
