#include "conformance.hpp"

#include <algorithm>

namespace actorbus::conformance {

namespace {

/// Receives what has come for a client until its PINGRESP.
std::vector<packet> receive_until_ping(client& c) {
  c.send("c0 00");
  std::vector<packet> result;
  for (;;) {
    const auto got = c.receive();
    if (got.type == packet_type::pingresp)
      return result;
    if (got.type == packet_type::publish) {
      result.push_back(got);
      c.acknowledge(got);
    }
  }
}

} // namespace

TEST_CASE_METHOD(in_version_5, "each message goes to one member of the group, and every member has its share (4.8.2)",
                 "[shared]") {
  const auto t = unique();
  auto a = connect();
  std::vector<client> members;
  for (int i = 0; i < 3; ++i) {
    members.push_back(connect());
    members.back().subscribe("$share/group/" + t, 1);
  }
  auto alone = connect();
  alone.subscribe(t, 1);
  for (int i = 0; i < 60; ++i)
    a.publish({.topic = t, .payload = std::to_string(i), .qos = 1});
  for (int i = 0; i < 60; ++i)
    alone.expect_message({.topic = t, .payload = std::to_string(i), .qos = 1});
  std::vector<int> got;
  for (auto& member : members) {
    const auto share = receive_until_ping(member);
    CHECK(share.size() >= 15);
    CHECK(share.size() <= 25);
    for (const auto& one : share)
      got.push_back(std::stoi(one.payload));
  }
  std::sort(got.begin(), got.end());
  CHECK(got.size() == 60);
  CHECK(std::adjacent_find(got.begin(), got.end()) == got.end());
}

TEST_CASE_METHOD(in_version_5, "every group gets the message (4.8.2)", "[shared]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  auto c = connect();
  b.subscribe("$share/one/" + t);
  c.subscribe("$share/two/" + t);
  a.publish({.topic = t, .payload = "m"});
  b.expect("30 [ s'{}' 00 'm' ]", t);
  c.expect("30 [ s'{}' 00 'm' ]", t);
}

TEST_CASE_METHOD(in_version_5, "groups of the same name but another filter are different (4.8.2)", "[shared]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  auto c = connect();
  b.subscribe("$share/group/" + t + "/+");
  c.subscribe("$share/group/" + t + "/#");
  a.publish({.topic = t + "/x", .payload = "m"});
  b.expect("30 [ s'{}/x' 00 'm' ]", t);
  c.expect("30 [ s'{}/x' 00 'm' ]", t);
}

TEST_CASE_METHOD(in_version_5, "a shared and an own subscription of one client count separately (4.8.2)", "[shared]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe("$share/group/" + t, 0, "0b 01");
  b.subscribe(t, 0, "0b 02");
  a.publish({.topic = t, .payload = "m"});
  std::vector<std::uint32_t> ids;
  while (ids.size() < 2) {
    const auto got = b.receive_message().numbers(property_id::subscription_identifier);
    REQUIRE_FALSE(got.empty());
    ids.insert(ids.end(), got.begin(), got.end());
  }
  std::sort(ids.begin(), ids.end());
  CHECK(ids == std::vector<std::uint32_t>{1, 2});
}

TEST_CASE_METHOD(in_version_5, "each member receives at the QoS it was granted [v5:MQTT-4.8.2-3]", "[shared]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  auto c = connect();
  b.subscribe("$share/group/" + t, 0);
  c.subscribe("$share/group/" + t, 2);
  for (int i = 0; i < 20; ++i)
    a.publish({.topic = t, .payload = "m", .qos = 2});
  const auto at_b = receive_until_ping(b);
  const auto at_c = receive_until_ping(c);
  CHECK(at_b.size() + at_c.size() == 20);
  CHECK(std::all_of(at_b.begin(), at_b.end(), [](const auto& p) { return p.qos() == 0; }));
  CHECK(std::all_of(at_c.begin(), at_c.end(), [](const auto& p) { return p.qos() == 2; }));
}

TEST_CASE_METHOD(in_version_5, "no retained messages are sent for a shared subscription (4.8.2)",
                 "[shared][retained][not-mosquitto]") {
  const auto t = unique();
  auto a = connect();
  a.publish({.topic = t, .payload = "kept", .qos = 1, .retain = true});
  auto b = connect();
  b.subscribe("$share/group/" + t);
  a.publish({.topic = t, .payload = "live"});
  b.expect("30 [ s'{}' 00 'live' ]", t);
}

TEST_CASE_METHOD(in_version_5, "a member that unsubscribes or leaves has no share any more (4.8.2)", "[shared]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  auto c = connect();
  auto d = connect();
  for (auto* member : {&b, &c, &d})
    member->subscribe("$share/group/" + t, 1);
  c.unsubscribe("$share/group/" + t);
  d.disconnect();
  for (int i = 0; i < 10; ++i) {
    a.publish({.topic = t, .payload = std::to_string(i), .qos = 1});
    b.expect_message({.topic = t, .payload = std::to_string(i), .qos = 1});
  }
  c.ping();
}

TEST_CASE_METHOD(in_version_5,
                 "what a member has not acknowledged goes to another when its session ends, except QoS 2 that was sent "
                 "(4.8.2)",
                 "[shared][not-mosquitto]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.properties = "(receive maximum) 21 0002"});
  b.subscribe("$share/group/" + t, 2);
  b.subscribe(t + "/own", 1);
  a.publish({.topic = t, .payload = "acknowledged", .qos = 1});
  b.expect_message({.topic = t, .payload = "acknowledged", .qos = 1});
  a.publish({.topic = t, .payload = "sent", .qos = 1});
  a.publish({.topic = t, .payload = "sent at 2", .qos = 2});
  a.publish({.topic = t, .payload = "waits", .qos = 1});
  a.publish({.topic = t + "/own", .payload = "own", .qos = 1});
  a.publish({.topic = t, .payload = "waits at 2", .qos = 2, .properties = "26 s'k' s'v'"});
  CHECK(b.receive(packet_type::publish).payload == "sent");
  CHECK(b.receive(packet_type::publish).payload == "sent at 2");
  auto c = connect();
  c.subscribe("$share/group/" + t, 2, "0b 07");
  c.subscribe(t + "/own", 1);
  SECTION("because it says goodbye") {
    b.disconnect();
  }
  SECTION("because its connection breaks") {
    b.close();
  }
  SECTION("because a clean start begins anew elsewhere") {
    auto next = connect({.id = b.id()});
    b.expect_ended({0x8e});
  }
  c.expect_message({.topic = t, .payload = "sent", .qos = 1});
  c.expect_message({.topic = t, .payload = "waits", .qos = 1});
  const auto last = c.expect_message({.topic = t, .payload = "waits at 2", .qos = 2});
  CHECK(last.numbers(property_id::subscription_identifier) == std::vector<std::uint32_t>{7});
  CHECK(user_properties(last) == std::vector<std::string>{"k=v"});
  c.ping();
}

TEST_CASE_METHOD(in_version_5, "what a member has not acknowledged waits for it while its session lasts (4.8.2)",
                 "[shared][redelivery][time]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 2});
  b.subscribe("$share/group/" + t, 1);
  a.publish({.topic = t, .payload = "sent", .qos = 1});
  const auto got = b.receive(packet_type::publish);
  auto c = connect();
  c.subscribe("$share/group/" + t, 1);
  b.close();
  c.ping();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 1});
  again.expect("3a [ s'{}' {} 00 'sent' ]", t, got.id);
  again.close();
  let_pass(std::chrono::milliseconds{time_is_virtual() ? 999 : 0});
  c.ping();
  let_pass(std::chrono::milliseconds{1100});
  c.expect_message({.topic = t, .payload = "sent", .qos = 1});
}

TEST_CASE_METHOD(in_version_5, "a message of a group whose last member leaves goes to nobody (4.8.2)", "[shared]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe("$share/group/" + t, 1);
  auto other = connect();
  other.subscribe("$share/other/" + t, 1);
  a.publish({.topic = t, .payload = "sent", .qos = 1});
  b.receive(packet_type::publish);
  other.expect_message({.topic = t, .payload = "sent", .qos = 1});
  b.disconnect();
  auto c = connect();
  c.subscribe("$share/group/" + t, 1);
  a.publish({.topic = t, .payload = "next", .qos = 1});
  c.expect_message({.topic = t, .payload = "next", .qos = 1});
  other.expect_message({.topic = t, .payload = "next", .qos = 1});
}

TEST_CASE_METHOD(in_version_5, "a message refused by one member goes to no other [v5:MQTT-4.8.2-6]", "[shared]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect();
  b.subscribe("$share/group/" + t, 1);
  a.publish({.topic = t, .payload = "refused", .qos = 1});
  const auto got = b.receive(packet_type::publish);
  auto c = connect();
  c.subscribe("$share/group/" + t, 1);
  b.send("40 03 {} 97", got.id);
  b.ping();
  b.disconnect();
  a.publish({.topic = t, .payload = "next", .qos = 1});
  c.expect_message({.topic = t, .payload = "next", .qos = 1});
}

TEST_CASE_METHOD(in_version_5, "a QoS 2 delivery that has begun is completed with its member [v5:MQTT-4.8.2-4]",
                 "[shared][redelivery]") {
  const auto t = unique();
  auto a = connect();
  auto b = connect({.expiry = 60});
  b.subscribe("$share/group/" + t, 2);
  a.publish({.topic = t, .payload = "begun", .qos = 2});
  const auto got = b.receive(packet_type::publish);
  b.send("50 02 {}", got.id);
  b.expect_acknowledgement(packet_type::pubrel, got.id);
  b.close();
  auto again = connect({.id = b.id(), .clean = false, .expiry = 60});
  again.expect_acknowledgement(packet_type::pubrel, got.id);
  again.send("70 02 {}", got.id);
  again.ping();
}

TEST_CASE_METHOD(in_version_5,
                 "a share name that breaks the rules is not granted [v5:MQTT-4.8.2-1] "
                 "[v5:MQTT-4.8.2-2]",
                 "[shared][topics][not-mosquitto]") {
  const std::string filter =
      GENERATE("$share/", "$share/group", "$share/group/", "$share//topic", "$share/a+/topic", "$share/#/topic",
               "$share/+/topic", "$share/a#b/topic", "$share/group/a#", "$share/group/#/a");
  INFO(filter);
  auto a = connect();
  a.send("82 [ 0001 ~ s'{}' 00 ]", filter);
  a.expect_not_granted();
}

TEST_CASE_METHOD(in_version_5, "No Local on a shared subscription is answered with 0x82 [v5:MQTT-3.8.3-4]",
                 "[shared][not-mosquitto]") {
  auto a = connect();
  a.send("82 [ 0001 ~ s'$share/group/{}' (no local) 04 ]", unique());
  a.expect_ended({0x82});
}

} // namespace actorbus::conformance
