#include <actorbus/actors/client_requests.hpp>
#include <actorbus/actors/supervisor.hpp>
#include <actorbus/actors/testing.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

// Participants that die, and are started again.

namespace actorbus::test {

namespace {

using namespace std::chrono_literals;
using protocol::packet_type;
using protocol::qos;

// CAF 0.17 looks into the arguments of a function even where there are none: each has one.
caf::behavior idle(caf::event_based_actor*, int) {
  return {[](int) {}};
}

caf::behavior stubborn_actor(caf::event_based_actor* self, int) {
  self->set_exit_handler([](const caf::exit_msg&) {});
  return {[](int) {}};
}

struct supervised_bus {
  testing::test_bus world;
  std::vector<std::string> events;
  std::vector<caf::actor> started; ///< all that ever were
  caf::actor subject;

  ~supervised_bus() {
    started.clear();
    if (subject)
      caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
    world.run();
  }

  supervisor_options options() {
    supervisor_options result;
    result.restarts_max = 3;
    result.period = 60s;
    result.delay = {.delay_min = 1s, .delay_max = 8s, .jitter = 0};
    result.on_event = [this](const supervision_event& event) {
      constexpr const char* names[] = {"started", "ended", "later", "gave up"};
      events.push_back(event.name + ' ' + names[static_cast<int>(event.what)]);
    };
    return result;
  }

  supervised child(std::string name, restart when = restart::on_failure) {
    return {std::move(name),
            [this] {
              started.push_back(world.bus().system().spawn(idle, 0));
              return started.back();
            },
            when};
  }

  void supervise_these(std::vector<supervised> children, supervisor_options settings) {
    subject = supervise(world.bus(), std::move(children), std::move(settings));
    world.run();
  }

  void end(std::size_t which, caf::exit_reason reason = caf::exit_reason::kill) {
    caf::anon_send_exit(started.at(which), reason);
    world.run();
  }

  std::vector<std::string> told() { return std::exchange(events, {}); }
  using lines = std::vector<std::string>;
};

} // namespace

TEST_CASE("a budget of restarts is one of the last period") {
  restart_budget subject{2, 10s};
  const time_point start{};
  CHECK(subject.spend(start));
  CHECK(subject.spend(start + 5s));
  CHECK_FALSE(subject.spend(start + 9s));
  CHECK(subject.spend(start + 10s));
  CHECK_FALSE(subject.spend(start + 14s));
  CHECK(subject.spend(start + 15s));
}

TEST_CASE_METHOD(supervised_bus, "an actor that dies is started again after a delay, alone", "[supervisor]") {
  supervise_these({child("a"), child("b")}, options());
  CHECK(told() == lines{"a started", "b started"});
  end(0);
  CHECK(told() == lines{"a ended", "a later"});
  world.advance(999ms);
  CHECK(told().empty());
  world.advance(1ms);
  CHECK(told() == lines{"a started"});
  CHECK(started.size() == 3);
}

TEST_CASE_METHOD(supervised_bus, "each further delay is longer, until the actor has lived for a while",
                 "[supervisor]") {
  auto settings = options();
  settings.restarts_max = 10;
  supervise_these({child("a")}, settings);
  end(0);
  world.advance(1s);
  end(1);
  told();
  world.advance(1999ms);
  CHECK(told().empty());
  world.advance(1ms);
  CHECK(told() == lines{"a started"});
  world.advance(60s);
  end(2);
  told();
  world.advance(1s);
  CHECK(told() == lines{"a started"});
}

TEST_CASE_METHOD(supervised_bus, "who ends in good order is not started again, unless it shall always run",
                 "[supervisor]") {
  supervise_these({child("failing"), child("always", restart::always), child("never", restart::never)}, options());
  end(0, caf::exit_reason::user_shutdown);
  end(1, caf::exit_reason::user_shutdown);
  end(2);
  world.advance(10s);
  CHECK(told() == lines{"failing started", "always started", "never started", "failing ended", "always ended",
                        "always later", "never ended", "always started"});
}

TEST_CASE_METHOD(supervised_bus, "too many restarts within the period end the supervisor and the others",
                 "[supervisor]") {
  std::string reason;
  supervise_these({child("a"), child("b")}, options());
  auto watch = [&](caf::event_based_actor* self, int) {
    self->monitor(subject);
    self->set_down_handler([&, self](caf::down_msg& down) {
      reason = self->system().render(down.reason);
      self->quit();
    });
    return caf::behavior{[](int) {}};
  };
  auto watcher = world.bus().system().spawn(watch, 0); // nobody else keeps it
  world.run();
  for (auto count = 0; count < 3; ++count) {
    end(started.size() - 1);
    world.advance(8s);
  }
  told();
  CHECK(reason.empty());
  end(started.size() - 1);
  CHECK(told() == lines{"b ended", "b gave up", "a ended"});
  CHECK_THAT(reason, Catch::Contains("restarted too often: b"));
}

TEST_CASE_METHOD(supervised_bus, "restarts that are spread over more than a period go on for ever", "[supervisor]") {
  supervise_these({child("a")}, options());
  for (auto count = 0; count < 20; ++count) {
    end(started.size() - 1);
    world.advance(30s);
  }
  CHECK(started.size() == 21);
}

TEST_CASE_METHOD(supervised_bus, "those who can't do without each other begin anew together", "[supervisor]") {
  auto settings = options();
  settings.strategy = restart_strategy::one_for_all;
  supervise_these({child("a"), child("b")}, settings);
  told();
  end(1);
  CHECK(told() == lines{"b ended", "b later", "a ended", "a later"});
  world.advance(1s);
  CHECK(told() == lines{"a started", "b started"});
  CHECK(started.size() == 4);
}

TEST_CASE_METHOD(supervised_bus, "a start that throws is a death like any other", "[supervisor]") {
  auto attempts = 0;
  supervised broken{"a", [&]() -> caf::actor {
                      ++attempts;
                      throw std::runtime_error{"no device"};
                    }};
  supervise_these({broken}, options());
  world.advance(60s);
  CHECK(attempts == 4);
  CHECK(events.back() == "a gave up");
}

TEST_CASE_METHOD(supervised_bus, "a supervisor that is told to end ends its actors first", "[supervisor]") {
  supervise_these({child("a"), child("b")}, options());
  told();
  caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
  world.run();
  CHECK(told() == lines{"a ended", "b ended"});
  world.advance(60s);
  CHECK(told().empty());
}

TEST_CASE_METHOD(supervised_bus, "an actor that does not end is killed in time", "[supervisor]") {
  supervised stubborn{"a", [this] { return world.bus().system().spawn(stubborn_actor, 0); }};
  supervise_these({stubborn}, options());
  told();
  caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
  world.advance(4999ms);
  CHECK(told().empty());
  world.advance(1ms);
  CHECK(told() == lines{"a ended"});
}

TEST_CASE_METHOD(supervised_bus, "a participant that dies is a lost connection, and its successor resumes the session",
                 "[supervisor]") {
  std::vector<std::string> received;
  supervised participant{
      "sensor", [this, &received] {
        started.push_back(world.bus().system().spawn(
            [this, &received](caf::event_based_actor* self, int) -> caf::behavior {
              client_options settings{.client_id = "sensor", .clean_start = false, .session_expiry_seconds = 60};
              settings.will = will_options{{"sensor/state", "lost"}};
              auto client = world.bus().spawn_client(caf::actor_cast<caf::actor>(self), settings);
              post(client, connect_request{}, nullptr);
              post(client, subscribe_filters{{{"orders"}}}, nullptr);
              return {[&received](const incoming_message& message) { received.emplace_back(message.payload); },
                      [](const client_connected&) {}, [](const client_disconnected&) {}, [](const client_ended&) {}};
            },
            0));
        return started.back();
      }};
  supervise_these({participant}, options());
  std::string state;
  auto watcher = world.bus().connect({.client_id = "watcher"});
  REQUIRE(watcher.subscribe("sensor/state", [&](const incoming_message& message) { state = message.payload; }).get());
  world.publish("orders", "one", qos::at_least_once);
  end(0);
  CHECK(state == "lost");
  world.publish("orders", "two", qos::at_least_once);
  CHECK(received == lines{"one"});
  world.advance(1s);
  CHECK(received == lines{"one", "two"});
}

} // namespace actorbus::test
