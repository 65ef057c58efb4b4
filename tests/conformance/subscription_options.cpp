#include "conformance.hpp"

namespace actorbus::conformance {

namespace {

constexpr int no_local = 0x04;
constexpr int retain_as_published = 0x08;
constexpr int retain_if_new = 0x10;
constexpr int retain_never = 0x20;

} // namespace

TEST_CASE_METHOD(in_version_5, "No Local keeps a client's own messages from it, nobody else's [v5:MQTT-3.8.3-3]",
                 "[subscription_options]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe(t, no_local | 1);
  b.publish({.topic = t, .payload = "own", .qos = 1});
  a.publish({.topic = t, .payload = "other's", .qos = 1});
  b.expect_message({.topic = t, .payload = "other's", .qos = 1});
}

TEST_CASE_METHOD(in_version_5, "No Local goes by client identifier, so over a reconnect too [v5:MQTT-3.8.3-3]",
                 "[subscription_options][session]") {
  const auto t = unique();
  auto b = connect({.expiry = 60});
  b.subscribe(t, no_local | 1);
  b.disconnect();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  again.publish({.topic = t, .payload = "own", .qos = 1});
  connect().publish({.topic = t, .payload = "other's", .qos = 1});
  again.expect_message({.topic = t, .payload = "other's", .qos = 1});
}

TEST_CASE_METHOD(in_version_5, "No Local on one of two overlapping subscriptions leaves the other (3.3.4)",
                 "[subscription_options][overlapping]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t, no_local);
  b.subscribe(t + "/#");
  b.publish({.topic = t, .payload = "own"});
  b.expect("30 [ s'{}' 00 'own' ]", t);
  b.ping();
}

TEST_CASE_METHOD(in_version_5,
                 "Retain As Published keeps the RETAIN flag as it came [v5:MQTT-3.3.1-13] "
                 "[v5:MQTT-3.3.1-12]",
                 "[subscription_options][retained]") {
  const auto t = unique();
  auto a = connect();
  auto keeps = connect();
  auto clears = connect();
  keeps.subscribe(t, retain_as_published);
  clears.subscribe(t);
  a.publish({.topic = t, .payload = "retained", .retain = true});
  a.publish({.topic = t, .payload = "not"});
  keeps.expect("31 [ s'{}' 00 'retained' ] 30 [ s'{}' 00 'not' ]", t, t);
  clears.expect("30 [ s'{}' 00 'retained' ] 30 [ s'{}' 00 'not' ]", t, t);
}

TEST_CASE_METHOD(in_version_5, "Retain As Published keeps the flag of what waited [v5:MQTT-3.3.1-13]",
                 "[subscription_options][session]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe(t, retain_as_published | 1);
  b.disconnect();
  a.publish({.topic = t, .payload = "1", .qos = 1, .retain = true});
  a.publish({.topic = t, .payload = "2", .qos = 1});
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  again.expect_message({.topic = t, .payload = "1", .qos = 1, .retain = true});
  again.expect_message({.topic = t, .payload = "2", .qos = 1});
}

TEST_CASE_METHOD(in_version_5,
                 "retained messages sent for a new subscription have RETAIN 1 whatever the option "
                 "(3.3.1.3)",
                 "[subscription_options][retained]") {
  const int option = GENERATE(0, retain_as_published);
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  auto b = connect();
  b.subscribe(t, option);
  b.expect("31 [ s'{}' 00 'kept' ]", t);
}

TEST_CASE_METHOD(in_version_5, "Retain Handling 0 sends retained messages each time [v5:MQTT-3.3.1-9]",
                 "[subscription_options][retained]") {
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  auto b = connect();
  for (int i = 0; i < 3; ++i) {
    b.subscribe(t);
    b.expect("31 [ s'{}' 00 'kept' ]", t);
  }
}

TEST_CASE_METHOD(in_version_5,
                 "Retain Handling 1 sends retained messages for a new subscription only "
                 "[v5:MQTT-3.3.1-10]",
                 "[subscription_options][retained]") {
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  auto b = connect();
  b.subscribe(t, retain_if_new);
  b.expect("31 [ s'{}' 00 'kept' ]", t);
  b.subscribe(t, retain_if_new | 1);
  a.publish({.topic = t, .payload = "live"});
  b.expect("30 [ s'{}' 00 'live' ]", t);
  b.unsubscribe(t);
  b.subscribe(t, retain_if_new);
  b.expect("31 [ s'{}' 00 'kept' ]", t);
}

TEST_CASE_METHOD(in_version_5,
                 "Retain Handling 1 counts a subscription of the session resumed as existing "
                 "[v5:MQTT-3.3.1-10]",
                 "[subscription_options][retained][session]") {
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  auto b = connect({.expiry = 60});
  b.subscribe(t, retain_if_new);
  b.expect("31 [ s'{}' 00 'kept' ]", t);
  b.disconnect();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  again.subscribe(t, retain_if_new);
  a.publish({.topic = t, .payload = "live"});
  again.expect("30 [ s'{}' 00 'live' ]", t);
}

TEST_CASE_METHOD(in_version_5, "Retain Handling 2 sends no retained messages [v5:MQTT-3.3.1-11]",
                 "[subscription_options][retained]") {
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  auto b = connect();
  b.subscribe(t, retain_never);
  a.publish({.topic = t, .payload = "live"});
  b.expect("30 [ s'{}' 00 'live' ]", t);
}

TEST_CASE_METHOD(in_version_5, "subscribing again replaces the options [v5:MQTT-3.8.4-3]",
                 "[subscription_options][not-mosquitto]") {
  const auto t = unique();
  auto b = connect();
  b.subscribe(t, no_local);
  b.publish({.topic = t, .payload = "hidden"});
  b.subscribe(t, retain_as_published);
  b.publish({.topic = t, .payload = "seen", .retain = true});
  b.expect("31 [ s'{}' 00 'seen' ]", t);
}

} // namespace actorbus::conformance
