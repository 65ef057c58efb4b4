// What a client does about limits: its own, the broker's, and the end of whom it talks to.

#include "support/patience.hpp"

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/client_actor.hpp>
#include <actorbus/actors/client_state.hpp>
#include <actorbus/actors/system_config.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace actorbus::test {

namespace {

using namespace std::chrono_literals;
using protocol::qos;
using protocol::reason_code;

frame frame_of(std::initializer_list<std::uint8_t> bytes) {
  auto block = buffer::make(bytes.size());
  std::memcpy(block->data(), std::data(bytes), bytes.size());
  return {std::move(block), 0, static_cast<std::uint32_t>(bytes.size())};
}

/// A client's state without an actor; the test is the broker.
struct lone_client {
  explicit lone_client(client_options options = {})
      : state(std::move(options), {}, std::make_shared<credit_account>(1'000'000)) {
    state.connect({});
    state.to_broker.clear();
  }

  /// @returns where the outcome will be
  std::shared_ptr<std::optional<outcome>> publish(outgoing_message message) {
    auto result = std::make_shared<std::optional<outcome>>();
    state.publish(std::move(message), [result](outcome what) { *result = std::move(what); });
    state.pump();
    return result;
  }

  client_state state;
};

struct running {
  explicit running(bus::options settings = {}) : home(system, settings) {}

  actorbus::client connect(std::string id, client_options options = {}) {
    options.client_id = std::move(id);
    return home.connect(std::move(options));
  }

  system_config config{2};
  caf::actor_system system{config};
  bus home;
};

} // namespace

TEST_CASE("a publish that the broker doesn't take is not sent, and completes with the reason "
          "[v5:MQTT-3.2.2-11, MQTT-3.2.2-14, MQTT-3.2.2-15]",
          "[client]") {
  lone_client at;
  // Maximum QoS 1, Retain Available 0, Maximum Packet Size 50.
  at.state.receive(frame_of({0x20, 0x0C, 0, 0, 9, 0x24, 1, 0x25, 0, 0x27, 0, 0, 0, 50}));
  REQUIRE(at.state.connected());
  CHECK((*at.publish({"t", "x", qos::exactly_once}))->code == reason_code::qos_not_supported);
  CHECK((*at.publish({"t", "x", qos::at_most_once, true}))->code == reason_code::retain_not_supported);
  // Header 2, topic 3, properties 1: 44 bytes of payload are the most.
  CHECK((*at.publish({"t", std::string(45, 'x')}))->code == reason_code::packet_too_large);
  CHECK(at.state.to_broker.empty());
  CHECK(**at.publish({"t", std::string(44, 'x')}));
  CHECK(at.state.to_broker.size_bytes() == 50);
  CHECK_FALSE(*at.publish({"t", "x", qos::at_least_once}));
}

TEST_CASE("a SUBSCRIBE larger than the broker takes is not sent [v5:MQTT-3.2.2-15]", "[client]") {
  lone_client at;
  at.state.receive(frame_of({0x20, 8, 0, 0, 5, 0x27, 0, 0, 0, 50}));
  std::optional<outcome> result;
  at.state.subscribe({{.filter = std::string(50, 'f')}}, {}, [&](outcome what) { result = what; });
  REQUIRE(result);
  CHECK(result->code == reason_code::packet_too_large);
  CHECK(at.state.to_broker.empty());
}

TEST_CASE("connecting to a bus that has ended returns", "[client]") {
  system_config config{2};
  caf::actor_system system{config};
  caf::actor broker;
  caf::actor timekeeper;
  {
    bus gone{system, {}};
    broker = gone.broker();
    timekeeper = gone.timekeeper();
  }
  actorbus::client late{system, {{broker}, timekeeper, {.client_id = "late"}}};
  CHECK(late.connect().get().code == reason_code::server_unavailable);
  CHECK(late.connected().code == reason_code::server_unavailable);
  CHECK_FALSE(late.publish("t", "x", qos::at_least_once).get());
}

TEST_CASE("a client that disconnects sends first what was published before", "[client]") {
  running at;
  auto listener = at.connect("listener");
  REQUIRE(listener.subscribe("t").get());
  client_options options;
  options.client_id = "speaker";
  options.credit_bytes = 2'000; // less than two messages
  auto speaker = at.home.spawn_client(options, {});
  constexpr int count = 40;
  post(speaker, connect_request{}, nullptr);
  for (int i = 0; i < count; ++i)
    post(speaker, publish_request{{"t", std::string(1'500, static_cast<char>('A' + i))}, {}}, nullptr);
  post(speaker, disconnect_request{}, nullptr);
  speaker = {};
  for (int i = 0; i < count; ++i) {
    auto message = listener.receive(patience);
    REQUIRE(message);
    CHECK(message->payload[0] == static_cast<char>('A' + i));
  }
}

TEST_CASE("a full inbox drops QoS 0 and counts it", "[client]") {
  running at;
  client_options options;
  options.inbox_messages_max = 10;
  auto listener = at.connect("listener", options);
  REQUIRE(listener.subscribe("t").get());
  auto speaker = at.connect("speaker");
  for (int i = 0; i < 100; ++i)
    REQUIRE(speaker.publish("t", "x").get());
  auto limit = std::chrono::steady_clock::now() + patience;
  while (listener.dropped() < 90 && std::chrono::steady_clock::now() < limit)
    std::this_thread::yield();
  CHECK(listener.dropped() == 90);
  for (int i = 0; i < 10; ++i)
    CHECK(listener.receive(patience));
  CHECK_FALSE(listener.receive(0ms));
  REQUIRE(speaker.publish("t", "again").get());
  CHECK(listener.receive(patience)->payload == "again");
}

TEST_CASE("a full inbox keeps QoS 1 waiting at the broker and loses none", "[client]") {
  bus::options settings;
  settings.limits.outbound_bytes_max = 32 * 1024;
  running at{settings};
  client_options options;
  options.inbox_messages_max = 10;
  auto listener = at.connect("listener", options);
  REQUIRE(listener.subscribe("t").get());
  auto speaker = at.connect("speaker");
  constexpr int count = 1'000;
  for (int i = 0; i < count; ++i)
    REQUIRE(speaker.publish("t", std::to_string(i) + std::string(500, ' '), qos::at_least_once).get());
  for (int i = 0; i < count; ++i) {
    auto message = listener.receive(patience);
    REQUIRE(message);
    CHECK(std::stoi(std::string{message->payload}) == i);
  }
  CHECK(listener.dropped() == 0);
}

TEST_CASE("the topic of a waiting message outlives the alias that it came by", "[client]") {
  client_options options;
  options.topic_alias_maximum = 1;
  running at;
  auto listener = at.connect("listener", options);
  REQUIRE(listener.subscribe("#").get());
  auto speaker = at.connect("speaker");
  for (int i = 0; i < 3; ++i)
    REQUIRE(speaker.publish("some/topic/that/is/not/short", "x", qos::at_least_once).get());
  std::vector<incoming_message> got;
  for (int i = 0; i < 3; ++i)
    got.push_back(listener.receive(patience).value());
  REQUIRE(listener.disconnect().get());
  for (const auto& each : got)
    CHECK(each.topic == "some/topic/that/is/not/short");
}

} // namespace actorbus::test
