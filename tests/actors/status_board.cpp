#include "bus_fixture.hpp"

#include <actorbus/actors/bus_event.hpp>
#include <actorbus/actors/status_board.hpp>

#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <chrono>

// What the bus tells of itself below $SYS/broker.

namespace actorbus::test {

using std::chrono::seconds;

namespace {

struct talkative_bus : bus_fixture {
  explicit talkative_bus(const limits& bounds = {}) {
    subject = std::make_unique<bus>(world.system(),
                                    bus::options{.limits = bounds, .seed = 1, .status_interval = seconds{10}});
    world.run();
  }

  std::string retained(const std::string& name) {
    auto a = client();
    a->send(connect_text("reader-" + name));
    auto said = a->send("82 [ 0001 00 s'$SYS/broker/{}' 00 ]", name);
    a->send("e0 00");
    return said;
  }
};

struct bus_that_is_left : talkative_bus {
  using talkative_bus::talkative_bus;

  /// A session that is away, with a subscription at QoS 1.
  void leave_behind(const std::string& id, const char* filter = "t") {
    auto a = client();
    a->send(connect_text(id, true, 600));
    a->send("82 [ 0001 00 s'{}' 01 ]", std::string{filter});
    a->close();
  }
};

struct bus_with_small_queues : bus_that_is_left {
  bus_with_small_queues() : bus_that_is_left{limits{.queued_messages_max = 2}} {}
};

struct bus_with_few_bytes : bus_that_is_left {
  bus_with_few_bytes() : bus_that_is_left{limits{.queued_bytes_max = 10'000}} {}
};

struct bus_with_small_total : bus_that_is_left {
  bus_with_small_total() : bus_that_is_left{limits{.queued_total_messages_max = 6}} {}
};

} // namespace

TEST_CASE_METHOD(talkative_bus, "what the bus says of itself is retained, under mosquitto's names", "[status]") {
  auto a = client();
  a->send(connect_text("a"));
  world.advance(seconds{10});
  CHECK(a->send("82 [ 0001 00 s'$SYS/broker/uptime' 00 ]") ==
        "SUBACK #1 00; PUBLISH $SYS/broker/uptime '10 seconds' retain");
  CHECK(retained("clients/connected") == "SUBACK #1 00; PUBLISH $SYS/broker/clients/connected '1' retain");
  CHECK(retained("version").starts_with("SUBACK #1 00; PUBLISH $SYS/broker/version 'actorbus version "));
  CHECK(retained("clients/disconnected").ends_with("'0' retain"));
}

TEST_CASE_METHOD(talkative_bus, "only what has changed is said again", "[status]") {
  auto a = client();
  a->send(connect_text("a"));
  a->send("82 [ 0001 00 s'$SYS/broker/clients/+' 00 ]");
  world.advance(seconds{10});
  a->received();
  world.advance(seconds{10});
  CHECK(a->received() == "");
  auto b = client();
  b->send(connect_text("b"));
  world.advance(seconds{10});
  CHECK(a->received() == "PUBLISH $SYS/broker/clients/total '2'; PUBLISH $SYS/broker/clients/connected '2'; "
                         "PUBLISH $SYS/broker/clients/maximum '2'");
}

TEST_CASE_METHOD(talkative_bus, "subscriptions, sessions and messages are counted", "[status]") {
  auto a = client();
  a->send(connect_text("a", true, 5));
  a->send("82 [ 0001 00 s'x' 00 s'$share/g/y' 00 s'$share/g/z' 01 ]");
  a->send("30 [ s'x' 00 'hi' ]");
  CHECK(counters().subscriptions == 3);
  CHECK(counters().shared_subscriptions == 2);
  CHECK(counters().packets_received == 3);
  CHECK(counters().packets_sent == 3); // CONNACK, SUBACK, PUBLISH
  a->send("a2 [ 0002 00 s'$share/g/y' ]");
  CHECK(counters().shared_subscriptions == 1);
  a->close();
  CHECK(counters().clients_expired == 0);
  world.advance(seconds{5});
  CHECK(counters().clients_expired == 1);
  CHECK(counters().shared_subscriptions == 0);
  CHECK(counters().clients_maximum == 1);
}

TEST_CASE("a load falls off by the minutes of its average", "[status]") {
  load_average load;
  // 100 in a minute, all at once: 1 - e^-1, 1 - e^-1/5, 1 - e^-1/15 of it.
  load.update(100, std::chrono::minutes{1});
  CHECK(load.a_minute()[0] == Approx(63.212).epsilon(0.001));
  CHECK(load.a_minute()[1] == Approx(18.127).epsilon(0.001));
  CHECK(load.a_minute()[2] == Approx(6.449).epsilon(0.001));
  load.update(100, std::chrono::minutes{1});
  CHECK(load.a_minute()[0] == Approx(63.212 * 0.36788).epsilon(0.001));
}

TEST_CASE_METHOD(bus_with_small_queues, "a publisher hears of a receiver that takes no more, and others get it all",
                 "[status]") {
  leave_behind("away");
  auto reader = client();
  reader->send(connect_text("reader"));
  reader->send("82 [ 0001 00 s't' 00 ]");
  auto a = client();
  a->send(connect_text("a"));
  CHECK(a->send("32 [ s't' 0001 00 '1' ]") == "PUBACK #1");
  CHECK(a->send("32 [ s't' 0002 00 '2' ]") == "PUBACK #2");
  CHECK(a->send("32 [ s't' 0003 00 '3' ]") == "PUBACK #3 97");
  CHECK(a->send("34 [ s't' 0003 00 '4' ]") == "PUBREC #3 97");
  CHECK(a->send("34 [ s't' 0003 00 '5' ]") == "PUBREC #3 97"); // the identifier was free again
  CHECK(a->send("32 [ s'other' 0004 00 '6' ]") == "PUBACK #4 10");
  CHECK(a->send("30 [ s't' 00 '7' ]") == "");
  CHECK(reader->received() ==
        "PUBLISH t '1'; PUBLISH t '2'; PUBLISH t '3'; PUBLISH t '4'; PUBLISH t '5'; PUBLISH t '7'");
  SECTION("until it has room again") {
    auto back = client();
    CHECK(back->send(connect_text("away", false, 600)) ==
          "CONNACK 00 present; PUBLISH t '1' q1 #1; PUBLISH t '2' q1 #2");
    CHECK(a->send("32 [ s't' 0005 00 '8' ]") == "PUBACK #5");
  }
  SECTION("or is gone") {
    world.advance(seconds{600});
    CHECK(a->send("32 [ s't' 0005 00 '8' ]") == "PUBACK #5");
  }
}

TEST_CASE_METHOD(bus_with_few_bytes, "a queue that is full of bytes takes small messages still", "[status]") {
  leave_behind("away");
  auto a = client();
  a->send(connect_text("a"));
  const std::string large(6'000, 'x');
  CHECK(a->send("32 [ s't' 0001 00 '{}' ]", large) == "PUBACK #1");
  CHECK(a->send("32 [ s't' 0002 00 '{}' ]", large) == "PUBACK #2"); // lost: nobody knew before
  CHECK(counters().publishes_dropped == 1);
  CHECK(a->send("32 [ s't' 0003 00 '{}' ]", large) == "PUBACK #3 97");
  CHECK(a->send("32 [ s't' 0004 00 'small' ]") == "PUBACK #4 97"); // it has room, which nobody knew
  CHECK(a->send("32 [ s't' 0005 00 'small' ]") == "PUBACK #5");
  SECTION("one that is too large for any queue is no reason to refuse others") {
    CHECK(a->send("32 [ s't' 0006 00 '{}' ]", std::string(20'000, 'x')) == "PUBACK #6");
    CHECK(a->send("32 [ s't' 0007 00 'small' ]") == "PUBACK #7");
  }
}

TEST_CASE_METHOD(bus_with_small_total, "what waits in the whole broker has a limit too", "[status]") {
  for (int i = 0; i < 3; ++i)
    leave_behind("away-" + std::to_string(i), ("t/" + std::to_string(i)).c_str());
  auto a = client();
  a->send(connect_text("a"));
  for (int i = 0; i < 6; ++i)
    CHECK(a->send("32 [ s't/{}' 0001 00 'x' ]", std::to_string(i % 3)) == "PUBACK #1");
  CHECK(counters().publishes_dropped == 0);
  for (int i = 0; i < 3; ++i) // each hears of it by the first that it loses
    a->send("32 [ s't/{}' 0001 00 'x' ]", std::to_string(i));
  CHECK(counters().publishes_dropped == 3);
  for (int i = 0; i < 3; ++i)
    CHECK(a->send("32 [ s't/{}' 0001 00 'x' ]", std::to_string(i)) == "PUBACK #1 97");
}

TEST_CASE_METHOD(bus_with_small_queues, "a client of 3.1.1 cannot be told, and is answered as if all were well",
                 "[status]") {
  leave_behind("away");
  memory_client a{world, subject->broker(), conformance::version::v311};
  a.send("10 [ s'MQTT' 04 02 0000 s'a' ]");
  for (int i = 0; i < 4; ++i)
    CHECK(a.send("32 [ s't' 0001 'x' ]") == "PUBACK #1");
  CHECK(counters().publishes_dropped == 2);
}

TEST_CASE_METHOD(bus_with_small_queues, "a group that has one with room takes messages", "[status]") {
  leave_behind("away", "$share/g/t");
  auto member = client();
  member->send(connect_text("member"));
  member->send("82 [ 0001 00 s'$share/g/t' 01 ]");
  auto a = client();
  a->send(connect_text("a"));
  for (int i = 0; i < 5; ++i)
    CHECK(a->send("32 [ s't' 0001 00 'x' ]") == "PUBACK #1");
}

TEST_CASE_METHOD(bus_with_small_queues, "what is dropped is an event that names the session and why", "[events]") {
  auto watcher = client();
  watcher->send(connect_text("watcher"));
  watcher->send("82 [ 0001 00 s'$SYS/broker/events/#' 00 ]");
  leave_behind("away");
  auto a = client();
  a->send(connect_text("a"));
  for (int i = 0; i < 10; ++i)
    a->send("32 [ s't' 0001 00 'x' ]");
  CHECK(watcher->received() == "PUBLISH $SYS/broker/events/dropped "
                               "'{\"client\":\"away\",\"transport\":\"\",\"peer\":\"\",\"listener\":\"\",\"code\":151,"
                               "\"reason\":\"quota exceeded\",\"count\":1}'");
  SECTION("a flood is one event a second") {
    world.advance(seconds{1});
    a->send("32 [ s't' 0001 00 'x' ]");
    CHECK(watcher->received().ends_with("\"count\":8}'"));
  }
}

TEST_CASE_METHOD(talkative_bus, "who is kept out is an event", "[events]") {
  auto watcher = client();
  watcher->send(connect_text("watcher"));
  watcher->send("82 [ 0001 00 s'$SYS/broker/events/#' 00 ]");
  for (int i = 0; i < 5; ++i) {
    auto a = client();
    a->policy = std::make_shared<listener_policy>(listener_policy{"mqtt://here", false});
    a->send(connect_text("ann\\x22"));
  }
  CHECK(watcher->received() ==
        "PUBLISH $SYS/broker/events/refused '{\"client\":\"ann\\\"\",\"transport\":\"memory\",\"peer\":\"test\","
        "\"listener\":\"mqtt://here\",\"code\":135,\"reason\":\"not authorized\",\"count\":1}'");
  world.advance(seconds{1});
  CHECK(watcher->received().ends_with("\"count\":4}'"));
}

TEST_CASE_METHOD(bus_fixture, "an actor of the program may watch events", "[events]") {
  auto seen = std::make_shared<std::vector<bus_event>>();
  class watching : public batch_actor {
  public:
    watching(caf::actor_config& config, std::shared_ptr<std::vector<bus_event>> into)
        : batch_actor{config, nullptr}, into_{std::move(into)} {}
    bool on_message(caf::mailbox_element& element) override {
      return match_message<bus_event>(element, [this](bus_event& event) { into_->push_back(std::move(event)); });
    }

  private:
    std::shared_ptr<std::vector<bus_event>> into_;
  };
  auto watcher = world.system().spawn<watching>(seen);
  subject->watch_events(watcher);
  auto a = client();
  a->send(connect_text("a"));
  a->send("c1 00");
  REQUIRE(seen->size() == 1);
  CHECK(seen->front().what == bus_event::kind::closed);
  CHECK(seen->front().client_id == "a");
  CHECK(seen->front().code == protocol::reason_code::malformed_packet);
  caf::anon_send_exit(watcher, caf::exit_reason::user_shutdown);
}

} // namespace actorbus::test
