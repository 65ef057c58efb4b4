#include "conformance.hpp"

/// A broker may check that a payload is the text that it calls itself (5.0: 3.3.2.3.2).
namespace actorbus::conformance {

namespace {

constexpr std::size_t checked_bytes_max = 100;

} // namespace

TEST_CASE_METHOD(in_version_5, "a payload that is not the text it says is refused with 0x99, where that is checked",
                 "[payload_format][limits]") {
  limit({.payload_check_bytes_max = checked_bytes_max});
  const std::string payload = GENERATE("'a' ff", "c3", "ed a0 80", "c0 af", "00 ff", "f4 90 80 80");
  INFO(payload);
  const auto t = unique();
  auto b = connect();
  b.subscribe(t + "/#", 2);
  auto a = connect();
  a.send("32 [ s'{}' 0001 [ 01 01 ] " + payload + " ]", t);
  const auto at_1 = a.receive(packet_type::puback);
  CHECK(at_1.id == 1);
  CHECK(static_cast<int>(at_1.reason()) == 0x99);
  a.send("34 [ s'{}' 0002 [ 01 01 ] " + payload + " ]", t);
  const auto at_2 = a.receive(packet_type::pubrec);
  CHECK(at_2.id == 2);
  CHECK(static_cast<int>(at_2.reason()) == 0x99);
  a.send("(kept by nobody) 33 [ s'{}/kept' 0003 [ 01 01 ] " + payload + " ]", t);
  CHECK(static_cast<int>(a.receive(packet_type::puback).reason()) == 0x99);
  a.send("30 [ s'{}' [ 01 01 ] " + payload + " ]", t);
  a.expect_ended({0x99});
  b.ping();
  auto late = connect();
  late.subscribe(t + "/kept");
  late.ping();
}

TEST_CASE_METHOD(in_version_5, "text, and what does not call itself text, passes the check",
                 "[payload_format][limits]") {
  limit({.payload_check_bytes_max = checked_bytes_max});
  const std::string rest =
      GENERATE("[ 01 01 ] 'plain'", "[ 01 01 ] ", "[ 01 01 ] c3 a9 f0 9f a6 8a", "[ 01 01 ] 00 'a' 00",
               "[ 01 01 ] ef bb bf", "[ 01 00 ] ff", "[ 03 s'text' ] ff", "~ ff", "[ 01 01 ] ff*101");
  INFO(rest);
  const auto t = unique();
  auto b = connect();
  b.subscribe(t, 1);
  auto a = connect();
  a.send("32 [ s'{}' 0001 " + rest + " ]", t);
  a.expect_acknowledgement(packet_type::puback, 1);
  b.expect("32 [ s'{}' ???? " + rest + " ]", t);
}

TEST_CASE_METHOD(in_version_5, "nothing is checked unless it is asked for", "[payload_format]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t);
  auto a = connect();
  a.send("30 [ s'{}' [ 01 01 ] ff ]", t);
  b.expect("30 [ s'{}' [ 01 01 ] ff ]", t);
}

TEST_CASE_METHOD(in_version_5, "a will that is not the text it says is refused with its CONNECT: 0x99 (3.1.3.2.3)",
                 "[payload_format][will][limits]") {
  limit({.payload_check_bytes_max = checked_bytes_max});
  auto a = dial();
  a.send("10 [ s'MQTT' 05 06 003c ~ s'{}' [ 01 01 ] s'{}' < ff > ]", unique("c"), unique());
  a.expect("20 03 00 99 00");
  a.expect_closed();
  auto b = dial();
  b.send("10 [ s'MQTT' 05 06 003c ~ s'{}' [ 01 01 ] s'{}' s'text' ]", unique("c"), unique());
  CHECK(static_cast<int>(b.receive(packet_type::connack).reason()) == 0);
}

} // namespace actorbus::conformance
