#include <actorbus/actors/msgpack_encoding.hpp>
#include <actorbus/actors/testing.hpp>
#include <actorbus/actors/typed.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

// Values between clients.

namespace actorbus::test {

namespace {

using protocol::qos;
using protocol::reason_code;

struct typed_reading {
  std::string sensor;
  double celsius = 0;
  MSGPACK_DEFINE(sensor, celsius)
};

struct typed_bus {
  testing::test_bus world;
  std::vector<outcome> faults;
  client sensor = world.bus().connect({.client_id = "sensor"});
  client display = world.bus().connect({.client_id = "display"},
                                       {.on_fault = [this](const outcome& what) { faults.push_back(what); }});
};

} // namespace

TEST_CASE_METHOD(typed_bus, "a value is published and handled as a value", "[typed]") {
  std::vector<std::string> seen;
  REQUIRE(
      subscribe<typed_reading>(display, "rooms/+", [&](const typed_reading& value, const incoming_message& message) {
        seen.push_back(std::string{message.topic} + ' ' + value.sensor + ' ' + std::to_string(value.celsius));
      }).get());
  REQUIRE(publish(sensor, "rooms/kitchen", typed_reading{"k1", 21.5}, qos::at_least_once).get());
  CHECK(seen == std::vector<std::string>{"rooms/kitchen k1 21.500000"});
  auto packet = world.expect_publish("rooms/#");
  CHECK(packet.properties.view().text(protocol::property_id::content_type) == "application/msgpack");
}

TEST_CASE_METHOD(typed_bus, "a payload that does not fit goes to the handler's owner and ends nothing", "[typed]") {
  std::vector<int> values;
  std::vector<std::string> unfit;
  REQUIRE(subscribe<int>(
              display, "t", [&](int value) { values.push_back(value); },
              [&](const payload_fault& what, const incoming_message&) { unfit.push_back(what.text); })
              .get());
  for (auto payload : {"\x07", "\xa1x", "", "\x08"})
    REQUIRE(sensor.publish("t", payload, qos::at_least_once).get());
  CHECK(values == std::vector{7, 8});
  CHECK(unfit == std::vector<std::string>{"MessagePack of another type", "an empty payload"});
  CHECK(faults.empty());
}

TEST_CASE_METHOD(typed_bus, "the client's owner is told of unfit payloads that no one else takes", "[typed]") {
  std::vector<int> values;
  REQUIRE(subscribe<int>(display, "t", [&](int value) { values.push_back(value); }).get());
  REQUIRE(sensor.publish("t", "\xc1", qos::at_least_once).get());
  REQUIRE(sensor.publish("t", "\x07", qos::at_least_once).get());
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].code == reason_code::payload_format_invalid);
  CHECK(faults[0].text == "the payload of a message to t: not MessagePack");
  CHECK(values == std::vector{7});
}

TEST_CASE("strangers can't end a client with unfit payloads, whoever listens for faults", "[typed]") {
  testing::test_bus world;
  auto careless = world.bus().connect();
  auto count = 0;
  REQUIRE(subscribe<int>(careless, "t", [&](int) { ++count; }).get());
  world.publish("t", "\xc1");
  world.publish("t", "\x07");
  CHECK(count == 1);
  CHECK_FALSE(careless.lost());
}

TEST_CASE_METHOD(typed_bus, "a handler that throws otherwise still ends its client", "[typed]") {
  auto careless = world.bus().connect();
  REQUIRE(subscribe<int>(careless, "t", [](int) { throw std::runtime_error{"a mistake"}; }).get());
  world.publish("t", "\x07");
  REQUIRE(careless.lost());
  CHECK(careless.lost()->text == "the handler of a message to t threw: a mistake");
}

TEST_CASE_METHOD(typed_bus, "a value that can't be written is an outcome and sends nothing", "[typed]") {
  auto result = publish(sensor, "t", std::string{"\xff"}, qos::at_most_once, text_encoding{}).get();
  CHECK(result.code == reason_code::payload_format_invalid);
  CHECK(result.text == "the text is not UTF-8");
  world.expect_silence("#");
}

TEST_CASE_METHOD(typed_bus, "other encodings are given by value", "[typed]") {
  double seen = 0;
  REQUIRE(subscribe<double>(
              display, "t", [&](double value) { seen = value; }, {}, text_encoding{})
              .get());
  REQUIRE(publish(sensor, "t", 21.5, qos::at_least_once, text_encoding{}).get());
  CHECK(seen == 21.5);
  CHECK(world.expect_publish("t").payload == "21.5");
}

} // namespace actorbus::test
