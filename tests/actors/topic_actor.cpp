#include <actorbus/actors/msgpack_encoding.hpp>
#include <actorbus/actors/testing.hpp>
#include <actorbus/actors/topic_actor.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

// CAF's actors and the bus's topics.

namespace actorbus::test {

struct celsius {
  double value = 0;
  MSGPACK_DEFINE(value)
};

} // namespace actorbus::test

ACTORBUS_LOCAL_MESSAGE(actorbus::test::celsius)

namespace actorbus::test {

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using protocol::packet_type;
using protocol::qos;

struct actor_bus {
  testing::test_bus world;
  client by = world.bus().connect({.client_id = "by"});
  caf::actor_system& system = world.bus().system();

  /// Spawns an actor that does so and waits for answers.
  void run(const std::function<void(caf::event_based_actor*)>& what) {
    // CAF 0.17 looks into the arguments even where there are none, hence the pointer.
    system.spawn([](caf::event_based_actor* self, decltype(&what) body) { (*body)(self); }, &what);
    world.run();
  }
};

caf::behavior silence(caf::event_based_actor* self, int) {
  return {[self](int) { return self->make_response_promise<int>(); }};
}

caf::behavior squares(caf::event_based_actor* self, std::vector<int>* seen) {
  return {[self, seen](int value) -> caf::result<int> {
    seen->push_back(value);
    if (value < 0)
      return caf::make_error(caf::sec::invalid_argument, "negative");
    if (value > 1000)
      self->quit();
    return value * value;
  }};
}

} // namespace

TEST_CASE_METHOD(actor_bus, "what is sent to a topic's actor is published", "[topic_actor]") {
  auto room = topic_of<celsius>(by, {.topic = "room", .qos = qos::at_least_once, .retain = true});
  caf::anon_send(room, celsius{21.5});
  auto packet = world.expect_publish("room");
  CHECK(packet.quality == qos::at_least_once);
  CHECK(packet.retain);
  CHECK(packet.payload == "\x91\xcb\x40\x35\x80\x00\x00\x00\x00\x00"s);
}

TEST_CASE_METHOD(actor_bus, "a request to a topic's actor is answered when the publish is over", "[topic_actor]") {
  auto room = topic_of<celsius>(by, {.topic = "room", .qos = qos::at_least_once});
  auto bad = topic_of<celsius>(by, {.topic = "room/#"});
  std::string seen;
  run([&](caf::event_based_actor* self) {
    self->request(room, caf::infinite, celsius{1}).then([&](const outcome&) { seen += "published;"; });
    self->request(bad, caf::infinite, celsius{1})
        .then([](const outcome&) { FAIL("a topic with wildcards was accepted"); },
              [&](const caf::error&) { seen += "refused;"; });
  });
  world.run();
  CHECK(seen.find("published;") != std::string::npos);
  CHECK(seen.find("refused;") != std::string::npos);
}

TEST_CASE_METHOD(actor_bus, "an actor that knows nothing of the bus has what comes to a filter", "[topic_actor]") {
  std::vector<int> seen;
  auto target = system.spawn(squares, &seen);
  REQUIRE(attach<int>(by, {"numbers/#"}, target).get());
  world.publish_value("numbers/a", 7);
  world.publish("numbers/a", "\xc1");
  world.publish_value("numbers/b", 8);
  CHECK(seen == std::vector{7, 8});
  CHECK_FALSE(by.lost());
}

TEST_CASE_METHOD(actor_bus, "the subscription of an attached actor ends with it", "[topic_actor]") {
  std::vector<int> seen;
  auto target = system.spawn(squares, &seen);
  REQUIRE(attach<int>(by, {"numbers"}, target).get());
  caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
  world.run();
  CHECK(world.traffic().back().type == packet_type::unsuback);
  world.publish_value("numbers", 7);
  CHECK(seen.empty());
}

TEST_CASE_METHOD(actor_bus, "an attached actor is not kept alive", "[topic_actor]") {
  std::vector<int> seen;
  caf::actor_addr weak;
  {
    auto target = system.spawn<caf::hidden>(squares, &seen);
    weak = caf::actor_cast<caf::actor_addr>(target);
    REQUIRE(attach<int>(by, {"numbers"}, target).get());
  }
  world.run();
  CHECK_FALSE(caf::actor_cast<caf::actor>(weak));
}

TEST_CASE_METHOD(actor_bus, "an actor answers requests, and its errors are refusals", "[topic_actor]") {
  std::vector<int> seen;
  auto target = system.spawn(squares, &seen);
  REQUIRE(respond_with_actor<int, int>(by, "square", target, 1s).get());
  auto asker = world.bus().connect();
  requester subject{asker};
  CHECK(*subject.request<int>("square", 7).get() == 49);
  auto refused = subject.request<int>("square", -1).get();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text.find("negative") != std::string::npos);
  CHECK(subject.request<int>("square", std::string{"x"}).get().error().text == "MessagePack of another type");
  CHECK(seen == std::vector{7, -1});
}

TEST_CASE_METHOD(actor_bus, "an actor that does not answer in its time is a refusal", "[topic_actor]") {
  auto silent = system.spawn(silence, 0);
  REQUIRE(respond_with_actor<int, int>(by, "square", silent, 1s).get());
  auto asker = world.bus().connect();
  requester subject{asker};
  auto reply = subject.request<int>("square", 7, 5s).get();
  REQUIRE_FALSE(reply);
  CHECK(reply.error().how == ending::regular);
  CHECK(world.elapsed() == 1s);
  caf::anon_send_exit(silent, caf::exit_reason::user_shutdown);
}

TEST_CASE_METHOD(actor_bus, "CAF's request to a service's actor is a request on the bus", "[topic_actor]") {
  auto server = world.bus().connect();
  REQUIRE(respond_with<int>(server, "square", [](int value) {
            if (value < 0)
              throw std::runtime_error{"negative"};
            return value * value;
          }).get());
  auto square = service_of<int, int>(by, std::make_shared<requester>(by), "square");
  auto nobody = service_of<int, int>(by, std::make_shared<requester>(by), "nobody");
  std::vector<std::string> seen;
  run([&](caf::event_based_actor* self) {
    auto good = [&](int value) { seen.push_back(std::to_string(value)); };
    auto bad = [&, self](const caf::error& why) { seen.push_back(self->system().render(why)); };
    self->request(square, caf::infinite, 7).then(good, bad);
    self->request(square, caf::infinite, -1).then(good, bad);
    self->request(nobody, caf::infinite, 7).then(good, bad);
  });
  world.run();
  REQUIRE(seen.size() == 3);
  auto has = [&](std::string_view text) {
    return std::any_of(seen.begin(), seen.end(), [&](const auto& each) { return each.find(text) != each.npos; });
  };
  CHECK(has("49"));
  CHECK(has("negative"));
  CHECK(has("nobody answers to this topic"));
}

TEST_CASE_METHOD(actor_bus, "actors that stand for topics end with their client", "[topic_actor]") {
  auto room = topic_of<int>(by, {.topic = "room"});
  auto square = service_of<int, int>(by, std::make_shared<requester>(by), "square");
  by.disconnect().get();
  world.run();
  auto failures = 0;
  run([&](caf::event_based_actor* self) {
    for (const auto& each : {room, square})
      self->request(each, caf::infinite, 7).then([](int) {}, [&](const caf::error&) { ++failures; });
  });
  world.run();
  CHECK(failures == 2);
}

} // namespace actorbus::test
