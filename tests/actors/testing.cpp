#include <actorbus/actors/msgpack_encoding.hpp>
#include <actorbus/actors/testing.hpp>
#include <actorbus/actors/typed.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

// The bus for other people's tests.

namespace actorbus::test {

namespace {

using namespace std::chrono_literals;
using protocol::packet_type;
using protocol::qos;
using testing::expectation_failed;
using testing::test_bus;

/// Publishes "tick" each second.
struct ticker {
  explicit ticker(bus& home) : by{home.connect({.client_id = "ticker"})} { wait(); }
  void wait() {
    call_after(by.actor(), 1s, [this] {
      by.publish("tick", std::to_string(++count));
      wait();
    });
  }

  client by;
  int count = 0;
};

} // namespace

TEST_CASE("calls that would block run the bus on virtual time", "[testing]") {
  test_bus world;
  auto a = world.bus().connect({.client_id = "a"});
  CHECK(a.connected());
  REQUIRE(a.subscribe("t").get());
  REQUIRE(a.publish("t", "x", qos::exactly_once).get());
  auto message = a.receive(5s);
  REQUIRE(message);
  CHECK(message->payload == "x");
  CHECK(world.elapsed() == 0ms);
  CHECK_FALSE(a.receive(5s));
  CHECK(world.elapsed() == 5s);
}

TEST_CASE("a result that nothing will bring is told instead of waited for", "[testing]") {
  test_bus world;
  auto a = world.bus().connect();
  auto next = a.receive();
  auto result = std::move(next).get();
  REQUIRE_FALSE(result);
  CHECK(result.error().text == "nothing is due that would ever bring the result");
}

TEST_CASE("a PUBLISH is expected within virtual time", "[testing]") {
  test_bus world;
  ticker subject{world};
  CHECK(world.expect_publish("tick", 1s).payload == "1");
  CHECK(world.elapsed() == 1s);
  CHECK(world.expect_publish("tick", 10s).payload == "2");
  CHECK(world.elapsed() == 2s);
  CHECK(world.expect_publish("+", 10s, "5").at == 5s);
  CHECK(world.expect_publish("tick", 0s).payload == "3");
}

TEST_CASE("what did not come in time is told with what did", "[testing]") {
  test_bus world;
  ticker subject{world};
  CHECK_THROWS_WITH(world.expect_publish("tock", 1500ms), "no PUBLISH to tock within 1500 ms. By 1500 ms there was:\n"
                                                          "  1000 ms  ticker > PUBLISH tick \"1\"\n");
  CHECK_THROWS_AS(world.expect_publish("tick", 0s, "7"), expectation_failed);
  CHECK(world.elapsed() == 1500ms);
}

TEST_CASE("silence is expected, too", "[testing]") {
  test_bus world;
  ticker subject{world};
  world.expect_silence("#", 999ms);
  world.expect_silence("tock/#", 1ms);
  CHECK_THROWS_WITH(world.expect_silence("tick"), Catch::StartsWith("a PUBLISH to tick was not expected."));
  world.expect_publish("tick");
  world.expect_silence("tick");
}

TEST_CASE("what the test itself publishes fulfils no expectation", "[testing]") {
  test_bus world;
  auto a = world.bus().connect({.client_id = "a"});
  std::string seen;
  REQUIRE(a.subscribe("t", [&](const incoming_message& message) { seen = message.payload; }).get());
  world.publish("t", "x");
  CHECK(seen == "x");
  world.expect_silence("#");
  CHECK_THROWS_WITH(world.publish("t/#", "x"), Catch::StartsWith("publishing to t/#: "));
}

TEST_CASE("values are published and expected as values", "[testing]") {
  test_bus world;
  auto a = world.bus().connect({.client_id = "a"});
  REQUIRE(subscribe<int>(a, "ask", [&](int value) { publish(a, "answer", 2 * value); }).get());
  world.publish_value("ask", 21);
  CHECK(world.expect_value<int>("answer") == 42);
  world.publish_value("ask", 1);
  CHECK_THROWS_WITH(world.expect_value<std::string>("answer"), Catch::EndsWith("MessagePack of another type"));
}

TEST_CASE("a link that is cut at a PUBLISH comes back and sends it again", "[testing]") {
  test_bus world;
  auto a = world.bus().connect(
      {.client_id = "a", .session_expiry_seconds = 60, .reconnect = reconnect_policy{.delay_min = 1s, .jitter = 0}});
  world.cut_at({.client_id = "a", .type = packet_type::publish});
  auto result = a.publish("t", "x", qos::at_least_once);
  world.run();
  CHECK_FALSE(result.ready());
  CHECK(std::move(result).get());
  CHECK(world.elapsed() == 1s);
  CHECK(world.expect_publish("t").lost);
  CHECK_FALSE(world.expect_publish("t").lost);
}

TEST_CASE("a client whose link is cut finds nobody while connections are refused", "[testing]") {
  test_bus world;
  auto a = world.bus().connect({.client_id = "a", .reconnect = reconnect_policy{.delay_min = 1s, .jitter = 0}});
  world.refuse_connections();
  world.cut("a");
  CHECK(a.lost());
  world.advance(10s);
  CHECK(a.lost());
  world.refuse_connections(false);
  world.advance(60s);
  CHECK_FALSE(a.lost());
  CHECK_THROWS_WITH(world.cut("b"), "there is no link of b to cut");
}

TEST_CASE("the same test takes the same course each time", "[testing]") {
  auto course = [] {
    test_bus world;
    ticker subject{world};
    auto a = world.bus().connect({.reconnect = reconnect_policy{}});
    REQUIRE(a.subscribe("#").get());
    world.advance(2500ms);
    world.cut();
    world.advance(5s);
    return world.transcript();
  };
  const auto once = course();
  CHECK(once.find("ticker > PUBLISH tick") != std::string::npos);
  CHECK(once == course());
}

} // namespace actorbus::test
