#include "qualities.hpp"

#include "support/link_packet.hpp"
#include "support/memory_client.hpp"

#include <actorbus/actors/client_state.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace actorbus::test {

// What the standards ask of clients, in MQTT 3.1.1 and 5.0 alike: the test is the broker.

namespace {

using conformance::packet;
using conformance::version;

/// A client of either version whose packets are read without the product.
struct client_of_version {
  const version v = GENERATE(version::v311, version::v5);
  client_options options;
  std::string messages;
  std::unique_ptr<client_state> state;

  client_of_version() {
    options.client_id = "me";
    options.version = v == version::v5 ? protocol::protocol_version::v5 : protocol::protocol_version::v3_1_1;
  }

  /// A session that outlives its connection.
  void keep_session() {
    options.clean_start = false;
    options.session_expiry_seconds = v == version::v5 ? 60 : 0xFFFF'FFFF;
  }

  void make() {
    client_events events;
    events.on_message = [this](const incoming_message& it) { messages += std::string{it.topic} + " "; };
    state = std::make_unique<client_state>(options, events, std::make_shared<credit_account>(1'000'000));
  }

  conformance::byte_vector sent_bytes() {
    state->pump();
    conformance::byte_vector all;
    state->to_broker.take([&](frame&& each) { all.insert(all.end(), each.view().begin(), each.view().end()); });
    return all;
  }

  /// The packets since the last call, none of which is CONNECT, SUBSCRIBE or UNSUBSCRIBE.
  std::vector<packet> sent() {
    std::vector<packet> result;
    const auto all = sent_bytes();
    for (auto rest = std::span<const std::uint8_t>{all}; !rest.empty();) {
      result.push_back(*conformance::read_packet(rest, v));
      rest = rest.subspan(result.back().raw.size());
    }
    return result;
  }

  std::vector<int> sent_ids(conformance::packet_type type) {
    std::vector<int> result;
    for (const auto& each : sent()) {
      CHECK(static_cast<int>(each.type) == static_cast<int>(type));
      result.push_back(each.id);
    }
    return result;
  }

  template <class... Ts>
  void receive(std::string_view text, const Ts&... arguments) {
    const auto bytes = conformance::exact(conformance::parse_notation(conformance::notation(text, arguments...), v));
    state->receive(make_frame(bytes));
  }

  /// @param properties of the CONNACK, in MQTT 5
  void connect(bool present = false, const std::string& properties = "") {
    if (!state)
      make();
    state->connect({});
    sent_bytes();
    receive("20 [ {} 00 {} ]", std::uint8_t{present}, v == version::v5 ? "[ " + properties + " ]" : "");
  }

  void publish(protocol::qos quality, std::string payload = "p") {
    state->publish({"t", std::move(payload), quality, false, {}}, {});
  }
};

std::uint16_t id_of(const conformance::byte_vector& request) {
  REQUIRE(request.size() > 4);
  return static_cast<std::uint16_t>(request[2] << 8 | request[3]); // behind a length of one byte
}

} // namespace

TEST_CASE_METHOD(client_of_version,
                 "a client's new packets get identifiers that are unused and not 0 [v3:MQTT-2.3.1-2] "
                 "[v5:MQTT-2.2.1-3] [v5:MQTT-4.3.2-1] [v5:MQTT-4.3.3-1]",
                 "[client_state]") {
  connect();
  std::set<int> in_use;
  const auto is_new = [&](int id) { return id != 0 && in_use.insert(id).second; };
  for (auto quality : {qos1, qos2, qos1})
    publish(quality);
  for (auto id : sent_ids(conformance::packet_type::publish))
    CHECK(is_new(id));
  state->subscribe({{"s"}}, {}, {});
  CHECK(is_new(id_of(sent_bytes())));
  state->unsubscribe({"s"}, {});
  CHECK(is_new(id_of(sent_bytes())));
  receive("40 02 {}", static_cast<std::uint16_t>(*in_use.begin()));
  in_use.erase(in_use.begin());
  // Once round all identifiers, with those that are in use in between.
  for (int i = 0; i < 66'000; ++i) {
    publish(qos1);
    const auto id = sent_ids(conformance::packet_type::publish).at(0);
    if (id == 0 || in_use.count(id) != 0)
      FAIL("identifier " << id << " is in use");
    receive("40 02 {}", static_cast<std::uint16_t>(id));
  }
}

TEST_CASE_METHOD(client_of_version,
                 "a client sends again with DUP, the identifiers of before and in their order [v3:MQTT-2.3.1-3] "
                 "[v3:MQTT-4.6.0-1] [v5:MQTT-4.6.0-1] [v3:MQTT-3.3.1-1] [v5:MQTT-3.3.1-1] [v3:MQTT-4.4.0-1] "
                 "[v5:MQTT-4.4.0-1]",
                 "[client_state]") {
  keep_session();
  connect();
  for (const auto* payload : {"a", "b", "c", "d"})
    publish(payload[0] == 'b' ? qos2 : qos1, payload);
  const auto first = sent();
  REQUIRE(first.size() == 4);
  receive("40 02 {}", first[2].id);
  state->lost({protocol::reason_code::server_unavailable, "gone"});
  connect(true);
  const auto again = sent();
  REQUIRE(again.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& before = first[i == 2 ? 3 : i];
    CHECK(again[i].payload == before.payload);
    CHECK(again[i].id == before.id);
    CHECK(again[i].qos() == before.qos());
    CHECK(again[i].dup());
    CHECK_FALSE(before.dup());
  }
}

TEST_CASE_METHOD(client_of_version,
                 "a client's answers come in the order of the questions [v3:MQTT-4.6.0-2] [v3:MQTT-4.6.0-3] "
                 "[v3:MQTT-4.6.0-4] [v5:MQTT-4.6.0-2] [v5:MQTT-4.6.0-3] [v5:MQTT-4.6.0-4]",
                 "[client_state]") {
  connect();
  SECTION("PUBACK") {
    receive("32 [ s't' 0009 ~ ] 32 [ s't' 0003 ~ ] 32 [ s't' 0007 ~ ]");
    CHECK(sent_ids(conformance::packet_type::puback) == std::vector{9, 3, 7});
  }
  SECTION("PUBREC") {
    receive("34 [ s't' 0009 ~ ] 34 [ s't' 0003 ~ ] 34 [ s't' 0007 ~ ]");
    CHECK(sent_ids(conformance::packet_type::pubrec) == std::vector{9, 3, 7});
  }
  SECTION("PUBREL") {
    for (int i = 0; i < 3; ++i)
      publish(qos2);
    REQUIRE(sent_ids(conformance::packet_type::publish) == std::vector{1, 2, 3});
    receive("50 02 0003 50 02 0001 50 02 0002");
    CHECK(sent_ids(conformance::packet_type::pubrel) == std::vector{3, 1, 2});
  }
}

TEST_CASE_METHOD(client_of_version, "a client acknowledges what nobody in it takes [v5:MQTT-4.5.0-2]",
                 "[client_state]") {
  state = std::make_unique<client_state>(options, client_events{}, std::make_shared<credit_account>(1'000'000));
  connect();
  receive("32 [ s'never/asked/for' 0001 ~ 'x' ]");
  CHECK(sent_ids(conformance::packet_type::puback) == std::vector{1});
  receive("34 [ s'never/asked/for' 0002 ~ 'x' ]");
  CHECK(sent_ids(conformance::packet_type::pubrec) == std::vector{2});
  receive("62 02 0002");
  CHECK(sent_ids(conformance::packet_type::pubcomp) == std::vector{2});
}

TEST_CASE_METHOD(client_of_version, "a client accepts every alias up to the maximum that it gave [v5:MQTT-3.3.2-10]",
                 "[client_state]") {
  if (v != version::v5) {
    SUCCEED("3.1.1 has no aliases");
    return;
  }
  options.topic_alias_maximum = 300;
  connect();
  for (const auto alias : {std::uint16_t{1}, std::uint16_t{2}, std::uint16_t{299}, std::uint16_t{300}})
    receive("30 [ s't{}' [ 23 {} ] ] 30 [ s'' [ 23 {} ] ]", alias, alias, alias);
  CHECK(messages == "t0001 t0001 t0002 t0002 t012b t012b t012c t012c ");
  CHECK_FALSE(state->failure);
}

TEST_CASE_METHOD(client_of_version,
                 "a client keeps to the keep-alive that the broker tells it [v5:MQTT-3.1.2-21] [v5:MQTT-3.2.2-21]",
                 "[client_state]") {
  options.keep_alive_seconds = 60;
  connect(false, "13 000a");
  CHECK(state->keep_alive_seconds() == (v == version::v5 ? 10 : 60));
}

TEST_CASE_METHOD(client_of_version, "a client that is told of a session that it has not closes [v5:MQTT-3.2.2-4]",
                 "[client_state]") {
  connect(true);
  REQUIRE(state->failure);
  CHECK(state->failure->code == protocol::reason_code::protocol_error);
  CHECK_FALSE(state->connected());
  publish(qos0);
  CHECK(sent_bytes().empty());
}

TEST_CASE_METHOD(client_of_version, "a client without an identifier begins anew [v3:MQTT-3.1.3-7]", "[client_state]") {
  keep_session();
  options.client_id.clear();
  make();
  state->connect({});
  const auto connect = sent_bytes();
  REQUIRE(connect.size() > 9);
  const auto clean_session = (connect[9] & 2) != 0; // behind two bytes, the protocol's name and level
  CHECK(clean_session == (v == version::v311));
}

TEST_CASE_METHOD(client_of_version,
                 "a client publishes nothing that the broker has said it cannot take [v5:MQTT-3.2.2-11] "
                 "[v5:MQTT-3.2.2-14] [v5:MQTT-3.2.2-15]",
                 "[client_state]") {
  if (v != version::v5) {
    SUCCEED("3.1.1 has no words for it");
    return;
  }
  std::vector<protocol::reason_code> outcomes;
  const auto note = [&](const outcome& result) { outcomes.push_back(result.code); };
  const auto publish_as = [&](protocol::qos quality, bool retain, std::string payload) {
    state->publish({"t", std::move(payload), quality, retain, {}}, note);
  };
  connect(false, "(maximum QoS) 24 01 (retain available) 25 00 (maximum packet size) 27 00000020");
  publish_as(qos2, false, "p");
  publish_as(qos1, true, "p");
  publish_as(qos0, false, std::string(27, 'x'));
  publish_as(qos1, false, "p");
  publish_as(qos0, false, std::string(27, 'x'));
  const auto sent_packets = sent();
  REQUIRE(sent_packets.size() == 1);
  CHECK(sent_packets[0].qos() == 1);
  CHECK_FALSE(sent_packets[0].retain());
  REQUIRE(outcomes.size() >= 4);
  CHECK(std::count(outcomes.begin(), outcomes.end(), protocol::reason_code::qos_not_supported) == 1);
  CHECK(std::count(outcomes.begin(), outcomes.end(), protocol::reason_code::retain_not_supported) == 1);
  CHECK(std::count(outcomes.begin(), outcomes.end(), protocol::reason_code::packet_too_large) == 2);
}

} // namespace actorbus::test
