#include "support/patience.hpp"

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/system_config.hpp>

#include <caf/actor_system.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

// Real threads and real time. Whatever is waited for has a bound that is reached only where a test fails.

namespace actorbus::test {

namespace {

using protocol::qos;
using protocol::reason_code;

struct threaded_bus {
  system_config config{2};
  caf::actor_system system{config};
  bus subject{system};
};

/// Runs `body` in a thread of its own. @returns its result, or nothing if it hangs
template <class F>
auto answers(F body) -> std::optional<decltype(body())> {
  std::packaged_task<decltype(body())()> task{std::move(body)};
  auto result = task.get_future();
  std::thread thread{std::move(task)};
  if (result.wait_for(patience) != std::future_status::ready) {
    thread.detach();
    return std::nullopt;
  }
  thread.join();
  return result.get();
}

} // namespace

TEST_CASE_METHOD(threaded_bus, "a client publishes and receives at every QoS", "[client]") {
  auto a = subject.connect({.client_id = "a"});
  auto b = subject.connect();
  REQUIRE(a.connected());
  CHECK(a.connected().client_id == "a");
  CHECK(b.connected().client_id.starts_with("auto-"));
  REQUIRE(b.subscribe("t/#").get());
  for (auto quality : {qos::at_most_once, qos::at_least_once, qos::exactly_once}) {
    REQUIRE(a.publish("t/x", "payload", quality).get());
    auto got = b.receive(patience);
    REQUIRE(got);
    CHECK(got->topic == "t/x");
    CHECK(got->payload == "payload");
    CHECK(got->qos == quality);
  }
  REQUIRE(b.unsubscribe("t/#").get());
  CHECK(a.publish("t/x", "nobody", qos::at_least_once).get().code == reason_code::no_matching_subscribers);
}

TEST_CASE_METHOD(threaded_bus, "messages come in the order of publishing", "[client]") {
  auto a = subject.connect();
  auto b = subject.connect();
  REQUIRE(b.subscribe("t").get());
  for (int i = 0; i < 2000; ++i)
    a.post({.topic = "t", .payload = std::to_string(i), .qos = qos::at_least_once});
  for (int i = 0; i < 2000; ++i) {
    auto got = b.receive(patience);
    REQUIRE(got);
    REQUIRE(got->payload == std::to_string(i));
  }
}

TEST_CASE_METHOD(threaded_bus, "calls after disconnect answer that there is no connection", "[client]") {
  auto a = subject.connect();
  REQUIRE(a.disconnect().get());
  auto result = answers([&] {
    std::vector<outcome> all;
    all.push_back(a.publish("t", "x").get());
    all.push_back(a.publish("t", "x", qos::exactly_once).get());
    all.push_back(a.subscribe("t").get());
    all.push_back(a.unsubscribe("t").get());
    all.push_back(a.disconnect().get());
    return all;
  });
  REQUIRE(result);
  for (const auto& each : *result) {
    CHECK(each.code == reason_code::server_unavailable);
    CHECK(each.text == "disconnected");
  }
  CHECK(a.lost());
  CHECK_FALSE(a.receive(patience));
}

TEST_CASE_METHOD(threaded_bus, "a client that was taken over answers so and hangs nobody", "[client]") {
  auto a = subject.connect({.client_id = "me"});
  auto b = subject.connect({.client_id = "me"});
  REQUIRE(b.connected());
  auto result = answers([&] {
    static_cast<void>(a.receive(patience));
    return a.publish("t", "x", qos::at_least_once).get();
  });
  REQUIRE(result);
  CHECK_FALSE(*result);
  REQUIRE(a.lost());
  CHECK(a.lost()->code == reason_code::session_taken_over);
}

TEST_CASE_METHOD(threaded_bus, "a client may be destroyed while messages are on their way to it", "[client]") {
  auto publisher = subject.connect();
  for (int round = 0; round < 20; ++round) {
    auto subscriber = subject.connect();
    REQUIRE(subscriber.subscribe("t").get());
    for (int i = 0; i < 200; ++i)
      publisher.post({.topic = "t", .payload = std::string(500, 'x'), .qos = qos::at_least_once});
    REQUIRE(subscriber.receive(patience));
  }
  CHECK(publisher.publish("t", "last", qos::at_least_once).get());
}

TEST_CASE("every call answers when the bus ends meanwhile", "[client]") {
  system_config config{2};
  caf::actor_system system{config};
  for (int round = 0; round < 10; ++round) {
    auto subject = std::make_unique<bus>(system);
    auto a = subject->connect();
    REQUIRE(a.connected());
    std::promise<void> begun;
    auto caller = std::async(std::launch::async, [&] {
      auto sent = 0;
      begun.set_value();
      while (a.publish("t", "x", sent % 2 == 0 ? qos::at_least_once : qos::at_most_once).get())
        ++sent;
      return sent;
    });
    begun.get_future().wait();
    subject.reset();
    REQUIRE(caller.wait_for(patience) == std::future_status::ready);
    CHECK(a.lost());
  }
}

TEST_CASE_METHOD(threaded_bus, "many threads share one client", "[client]") {
  auto receiver = subject.connect();
  REQUIRE(receiver.subscribe("t").get());
  auto sender = subject.connect();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i)
        static_cast<void>(sender.publish("t", "x", qos::exactly_once).get());
    });
  for (auto& each : threads)
    each.join();
  for (int i = 0; i < 400; ++i)
    REQUIRE(receiver.receive(patience));
}

} // namespace actorbus::test
