#include "conformance.hpp"

namespace actorbus::conformance {

TEST_CASE_METHOD(in_every_version, "DISCONNECT closes the connection, with no packet back [v3:MQTT-3.14.4-1]",
                 "[disconnect]") {
  auto a = connect();
  a.send("e0 00");
  a.expect_closed();
}

TEST_CASE_METHOD(in_version_5, "DISCONNECT is understood in each of its lengths (3.14.2.1)", "[disconnect]") {
  const std::string packet = GENERATE("e0 00", "e0 01 00", "e0 02 00 00", "e0 01 04", "e0 [ 00 [ 1f s'enough' ] ]",
                                      "e0 [ 00 [ 26 s'k' s'v' 26 s'k' s'v' ] ]", "e0 [ 81 [ 1f s'yours' ] ]");
  INFO(packet);
  auto a = connect();
  a.send(packet);
  a.expect_closed();
}

TEST_CASE_METHOD(in_every_version,
                 "what was sent before DISCONNECT is handled, what follows is not "
                 "[v3:MQTT-3.14.4-1] [v5:MQTT-3.14.4-1]",
                 "[disconnect]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect();
  a.send("30 [ s'{}' ~ 'before' ] e0 00 30 [ s'{}' ~ 'after' ]", t, t);
  a.expect_closed();
  b.expect("30 [ s'{}' ~ 'before' ]", t);
  auto again = connect({.id = a.id()});
  again.publish({.topic = t, .payload = "next"});
  b.expect("30 [ s'{}' ~ 'next' ]", t);
}

TEST_CASE_METHOD(in_version_5,
                 "a DISCONNECT from the broker is the last packet, without a session expiry interval "
                 "[v5:MQTT-3.14.2-2] [v5:MQTT-3.14.4-1] [v5:MQTT-3.14.4-2] [v5:MQTT-4.13.1-1] "
                 "[v5:MQTT-4.13.2-1]",
                 "[disconnect][not-mosquitto]") {
  auto a = connect({.expiry = 60});
  a.send("(a topic alias of 0) 30 [ s'x' [ 23 0000 ] 'm' ]");
  const auto got = a.receive(packet_type::disconnect);
  CHECK(static_cast<int>(got.reason()) == 0x94);
  CHECK_FALSE(got.has(property_id::session_expiry_interval));
  a.expect_closed();
}

TEST_CASE_METHOD(in_version_5, "a DISCONNECT from the broker arrives though the client goes on sending (4.13)",
                 "[disconnect]") {
  auto a = connect();
  auto together = bytes("(PUBREL without its flags) 60 02 0001");
  for (const auto byte : bytes("{ 30 [ s'x' 00 '0123456789abcdef' ] }*50000"))
    together.push_back(byte);
  a.send(together);
  a.expect_ended({0x81});
}

} // namespace actorbus::conformance
