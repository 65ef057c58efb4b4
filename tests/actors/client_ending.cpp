#include "client_link_fixture.hpp"

#include <actorbus/actors/bus.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

// A program that ends with messages on their way: each is delivered, or told to be in doubt, or told not to have been
// sent; and nothing waits for ever.

namespace actorbus::test {

namespace {

using protocol::qos;
using protocol::reason_code;

struct leaving_client : link_fixture {
  completion note_end(std::string name) {
    return [this, name = std::move(name)](const outcome& result) {
      outcomes += name + (result                            ? " done; "
                          : result.how == ending::unsettled ? " in doubt: " + result.text + "; "
                          : result.how == ending::timed_out ? " too late: " + result.text + "; "
                                                            : " not sent: " + result.text + "; ");
    };
  }

  /// Two are sent, of which one is answered; the third waits for the broker's window.
  void publish_three() {
    gateway().connack = "20 [ 00 00 [ 21 0002 ] ]";
    connect();
    ask(publish_request{{"t", "1", qos1}, note_end("first")});
    ask(publish_request{{"t", "2", qos2}, note_end("second")});
    ask(publish_request{{"t", "3", qos1}, note_end("third")});
    noted();
  }
};

} // namespace

TEST_CASE_METHOD(leaving_client, "a client that leaves waits for what the broker owes, as long as it is told to",
                 "[client]") {
  publish_three();
  ask(disconnect_request{.done = note_end("close"), .timeout = std::chrono::milliseconds{300}});
  advance(299);
  gateway().send("40 02 0001"); // makes room for the third
  world.run();
  CHECK(noted() == "first done; ");
  advance(1);
  CHECK(noted() == "second in doubt: disconnected: not known to be delivered; "
                   "third in doubt: disconnected: not known to be delivered; "
                   "close too late: disconnected, and left behind what was not answered; ");
  CHECK(gateway().taken() == "PUBLISH t '1' q1 #1; PUBLISH t '2' q2 #2; PUBLISH t '3' q1 #3; DISCONNECT 00");
}

TEST_CASE_METHOD(leaving_client, "a client that leaves at once tells what was sent from what was not", "[client]") {
  publish_three();
  ask(disconnect_request{.done = note_end("close"), .timeout = std::chrono::milliseconds{0}});
  advance(0);
  CHECK(noted() == "second in doubt: disconnected: not known to be delivered; "
                   "first in doubt: disconnected: not known to be delivered; "
                   "third not sent: disconnected; "
                   "close too late: disconnected, and left behind what was not answered; ");
}

TEST_CASE_METHOD(leaving_client, "a client that leaves when all is answered leaves at once", "[client]") {
  publish_three();
  gateway().send("40 02 0001 50 02 0002");
  world.run();
  ask(disconnect_request{.done = note_end("close")});
  gateway().send("70 02 0002 40 02 0003");
  world.run();
  CHECK(noted() == "first done; second done; third done; close done; ");
}

TEST_CASE_METHOD(leaving_client, "a client whose link is lost while it leaves waits no longer", "[client]") {
  publish_three();
  ask(disconnect_request{.done = note_end("close")});
  gateway().cut();
  world.run();
  CHECK(noted() == "second in doubt: cut: not known to be delivered; first in doubt: cut: not known to be delivered; "
                   "third not sent: cut; close not sent: cut; ");
}

// Real threads from here.

TEST_CASE("a program that drops its client has delivered what it published", "[client]") {
  bus home;
  auto listener = home.connect();
  REQUIRE(listener.subscribe("t").get());
  constexpr int count = 1'000;
  std::vector<operation<outcome>> published;
  {
    auto speaker = home.connect();
    for (int i = 0; i < count; ++i)
      published.push_back(speaker.publish("t", std::to_string(i), i % 2 == 0 ? qos::at_least_once : qos::exactly_once));
  }
  for (auto& each : published) {
    REQUIRE(each.ready());
    CHECK(each.get());
  }
  for (int i = 0; i < count; ++i) {
    auto got = listener.receive(std::chrono::seconds{60});
    REQUIRE(got);
    CHECK(got->payload == std::to_string(i));
  }
}

TEST_CASE("a program that ends its bus under its clients hears of every message", "[client]") {
  for (int round = 0; round < 5; ++round) {
    auto home = std::make_unique<bus>();
    auto speaker = home->connect({.reconnect = reconnect_policy{}});
    std::atomic<int> told{0};
    constexpr int count = 500;
    for (int i = 0; i < count; ++i)
      speaker.publish("t", "x", static_cast<qos>(i % 3)).then([&told](const outcome& result) {
        told += result || result.how == ending::unsettled || result.code == reason_code::server_unavailable ? 1 : 0;
      });
    home.reset(); // its actor system ends only after the last actor has
    CHECK(told == count);
  }
}

TEST_CASE("a client that is aborted leaves nobody waiting", "[client]") {
  bus home;
  auto speaker = home.connect();
  std::vector<operation<outcome>> published;
  for (int i = 0; i < 100; ++i)
    published.push_back(speaker.publish("t", "x", qos::at_least_once));
  speaker.abort();
  for (auto& each : published)
    CHECK(each.wait_for(std::chrono::seconds{60}));
}

} // namespace actorbus::test
