#include "conformance.hpp"

/// The client's maximum packet size holds for every packet, not for PUBLISH alone; what explains comes second to it.
namespace actorbus::conformance {

namespace {

/// The size of the CONNACK of this broker for a client that names itself, which is the least that a client must take.
std::uint32_t connack_size(on_every_channel& where) {
  return static_cast<std::uint32_t>(where.connect(version::v5).connack().raw.size());
}

void check_size(const packet& p, std::uint32_t maximum) {
  INFO("maximum " << maximum << ", received: " << to_hex(p.raw));
  CHECK(p.raw.size() <= maximum);
}

} // namespace

TEST_CASE_METHOD(in_version_5,
                 "no answer exceeds the client's maximum packet size, whatever it could explain "
                 "[v5:MQTT-3.1.2-24] [v5:MQTT-3.2.2-19] [v5:MQTT-3.2.2-20] [v5:MQTT-3.4.2-2] [v5:MQTT-3.4.2-3] "
                 "[v5:MQTT-3.5.2-2] [v5:MQTT-3.5.2-3] [v5:MQTT-3.6.2-2] [v5:MQTT-3.6.2-3] [v5:MQTT-3.7.2-2] "
                 "[v5:MQTT-3.7.2-3] [v5:MQTT-3.9.2-1] [v5:MQTT-3.9.2-2] [v5:MQTT-3.11.2-1] [v5:MQTT-3.11.2-2]",
                 "[packet_size]") {
  const auto maximum = connack_size(*this) + GENERATE(as<std::uint32_t>{}, 0, 10);
  const auto t = unique();
  auto a = connect({.properties = notation("27 {}", maximum)});
  check_size(a.connack(), maximum);
  const auto answer = [&](packet_type type, std::uint8_t reason, const std::string& text) {
    a.send(text);
    const auto got = a.receive(type);
    INFO(text);
    CHECK(got.reason() == reason);
    check_size(got, maximum);
  };
  answer(packet_type::puback, 0x10, notation("32 [ s'{}' 0001 ~ 'nobody' ]", t));
  answer(packet_type::pubrec, 0x10, notation("34 [ s'{}' 0002 ~ 'nobody' ]", t));
  answer(packet_type::pubcomp, 0x92, "62 02 0777");
  answer(packet_type::pubrel, 0x92, "50 02 0777");
  answer(packet_type::suback, 0x8f, "82 [ 0003 ~ s'a/#/b' 00 ]");
  answer(packet_type::unsuback, 0x11, notation("a2 [ 0004 ~ s'{}' ]", t));
}

TEST_CASE_METHOD(in_version_5,
                 "a DISCONNECT drops its explanation rather than to exceed the client's maximum "
                 "[v5:MQTT-3.1.2-24] [v5:MQTT-3.14.2-3] [v5:MQTT-3.14.2-4]",
                 "[packet_size][disconnect][not-mosquitto]") {
  const auto least = connack_size(*this);
  for (auto maximum = least; maximum < least + 60; maximum += 3) {
    auto a = connect({.properties = notation("27 {}", maximum)});
    a.send("(PUBREL without its flags) 60 02 0001");
    const auto got = a.receive(packet_type::disconnect);
    CHECK(static_cast<int>(got.reason()) == 0x81);
    check_size(got, maximum);
    a.expect_closed();
  }
}

TEST_CASE_METHOD(in_version_5,
                 "a client that takes no CONNACK is refused with 0x95, and has neither will nor session "
                 "[v5:MQTT-3.1.2-24] [v5:MQTT-3.2.2-19]",
                 "[packet_size][connect][not-mosquitto]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  const auto maximum = GENERATE(as<std::uint32_t>{}, 1, 4, 5, 9);
  const auto id = unique("c");
  auto a = dial();
  a.send("10 [ s'MQTT' 05 06 003c [ (session expiry) 11 0000003c (maximum packet size) 27 {} ] s'{}'"
         " ~ s'{}' s'gone' ]",
         maximum, id, t);
  if (maximum >= 5)
    a.expect("20 03 00 (packet too large) 95 00");
  a.expect_closed();
  CHECK_FALSE(connect({.id = id, .clean = false}).session_present());
  b.ping();
}

TEST_CASE_METHOD(in_version_5,
                 "a SUBACK or UNSUBACK that the client cannot take ends the connection "
                 "[v5:MQTT-3.1.2-24]",
                 "[packet_size][subscribe][not-mosquitto]") {
  const auto maximum = connack_size(*this);
  const auto t = unique();
  const std::string request = GENERATE("82 [ 0001 ~ { s'*' 00 }*64 ]", "a2 [ 0001 ~ { s'*' }*64 ]");
  auto filled = request;
  filled.replace(filled.find('*'), 1, t);
  auto a = connect({.properties = notation("27 {}", maximum)});
  a.send(filled);
  a.expect_ended({0x95});
}

} // namespace actorbus::conformance
