#include "conformance.hpp"

namespace actorbus::conformance {

TEST_CASE_METHOD(in_version_5, "a subscription's identifier comes with its messages [v5:MQTT-3.3.4-3]",
                 "[subscription_identifiers]") {
  const std::string id = GENERATE("01", "7f", "8001", "ffffff7f");
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 1, "0b " + id);
  a.publish({.topic = t, .payload = "m"});
  b.expect("30 [ s'{}' [ 0b " + id + " ] 'm' ]", t);
  a.publish({.topic = t, .payload = "n", .qos = 1});
  b.expect("32 [ s'{}' ???? [ 0b " + id + " ] 'n' ]", t);
}

TEST_CASE_METHOD(in_version_5, "a subscription without an identifier brings none [v5:MQTT-3.3.4-4]",
                 "[subscription_identifiers]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  auto c = connect();
  b.subscribe(t, 0, "0b 01");
  c.subscribe(t);
  a.publish({.topic = t, .payload = "m"});
  c.expect("30 [ s'{}' 00 'm' ]", t);
}

TEST_CASE_METHOD(in_version_5, "one identifier serves every filter of its SUBSCRIBE (3.8.2.1.2)",
                 "[subscription_identifiers]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.send("82 [ 0001 [ 0b 05 ] s'{}/a' 00 s'{}/b' 00 ]", t, t);
  b.receive(packet_type::suback);
  a.publish({.topic = t + "/b", .payload = "m"});
  a.publish({.topic = t + "/a", .payload = "m"});
  b.expect("30 [ s'{}/b' [ 0b 05 ] 'm' ] 30 [ s'{}/a' [ 0b 05 ] 'm' ]", t, t);
}

TEST_CASE_METHOD(in_version_5, "subscribing again replaces the identifier or takes it away [v5:MQTT-3.8.4-3]",
                 "[subscription_identifiers]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 0, "0b 01");
  b.subscribe(t, 0, "0b 02");
  a.publish({.topic = t, .payload = "m"});
  b.expect("30 [ s'{}' [ 0b 02 ] 'm' ]", t);
  b.subscribe(t);
  a.publish({.topic = t, .payload = "n"});
  b.expect("30 [ s'{}' 00 'n' ]", t);
}

TEST_CASE_METHOD(in_version_5, "retained messages come with the identifier (3.3.2.3.8)",
                 "[subscription_identifiers][retained]") {
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  auto b = connect();
  b.subscribe(t, 0, "0b 09");
  b.expect("31 [ s'{}' [ 0b 09 ] 'kept' ]", t);
}

TEST_CASE_METHOD(in_version_5, "identifiers are part of the session, and of what waits (3.8.4)",
                 "[subscription_identifiers][session]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, 1, "0b 03");
  b.disconnect();
  a.publish({.topic = t, .payload = "waited", .qos = 1});
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  again.expect("32 [ s'{}' ???? [ 0b 03 ] 'waited' ]", t);
  a.publish({.topic = t, .payload = "live"});
  again.expect("30 [ s'{}' [ 0b 03 ] 'live' ]", t);
}

TEST_CASE_METHOD(in_version_5, "identifiers stand with the properties of the message [v5:MQTT-3.3.4-4]",
                 "[subscription_identifiers][properties]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, 0, "0b 03");
  a.publish({.topic = t, .payload = "m", .properties = "01 01 26 s'k' s'v'"});
  const auto got = b.receive_message();
  CHECK(got.numbers(property_id::subscription_identifier) == std::vector<std::uint32_t>{3});
  CHECK(user_properties(got) == std::vector<std::string>{"k=v"});
  CHECK(got.number_or(property_id::payload_format_indicator, 9) == 1);
}

} // namespace actorbus::conformance
