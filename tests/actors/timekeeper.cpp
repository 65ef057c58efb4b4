#include "support/virtual_system.hpp"

#include <actorbus/actors/timekeeper.hpp>

#include <caf/detail/test_actor_clock.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <vector>

namespace actorbus::test {

namespace {

using std::chrono::milliseconds;

/// Writes down when it was woken.
class sleeper : public batch_actor {
public:
  sleeper(caf::actor_config& config, std::shared_ptr<std::vector<time_point>> woken)
      : batch_actor{config, nullptr}, woken_{std::move(woken)} {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<alarm>(element, [this](alarm&) { woken_->push_back(now()); });
  }

private:
  std::shared_ptr<std::vector<time_point>> woken_;
};

struct time_fixture {
  struct owner {
    std::shared_ptr<std::vector<time_point>> woken = std::make_shared<std::vector<time_point>>();
    caf::actor actor;
  };

  virtual_system world;
  caf::actor keeper = world.system().spawn<timekeeper>();
  time_point start = world.system().clock().now();
  std::vector<caf::actor> all;

  owner make_owner() {
    owner result;
    result.actor = world.system().spawn<sleeper>(result.woken);
    all.push_back(result.actor);
    return result;
  }

  void set(const owner& whom, milliseconds after) {
    post(keeper, set_alarm{whom.actor, start + after}, nullptr);
    world.run();
  }

  std::size_t pending_in_clock() {
    auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(world.system().scheduler());
    return scheduler.clock().schedule().size();
  }

  ~time_fixture() {
    caf::anon_send_exit(keeper, caf::exit_reason::user_shutdown);
    for (auto& each : all)
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }
};

} // namespace

TEST_CASE_METHOD(time_fixture, "an alarm comes at its millisecond, not before, and once", "[timekeeper]") {
  auto a = make_owner();
  set(a, milliseconds{1500});
  world.advance(milliseconds{1499});
  CHECK(a.woken->empty());
  world.advance(milliseconds{1});
  CHECK(*a.woken == std::vector{start + milliseconds{1500}});
  world.advance(milliseconds{10'000});
  CHECK(a.woken->size() == 1);
}

TEST_CASE_METHOD(time_fixture, "an alarm in the past comes at once", "[timekeeper]") {
  auto a = make_owner();
  world.advance(milliseconds{100});
  set(a, milliseconds{50});
  CHECK(a.woken->size() == 1);
}

TEST_CASE_METHOD(time_fixture, "a later call replaces the alarm that was set before", "[timekeeper]") {
  auto a = make_owner();
  auto [first, second] = GENERATE(table<int, int>({{100, 200}, {200, 100}}));
  set(a, milliseconds{first});
  set(a, milliseconds{second});
  world.advance(milliseconds{300});
  REQUIRE(a.woken->size() == 1);
  world.advance(milliseconds{300});
  CHECK(a.woken->size() == 1);
}

TEST_CASE_METHOD(time_fixture, "a cancelled alarm does not come, and its owner is forgotten", "[timekeeper]") {
  auto a = make_owner();
  auto b = make_owner();
  set(a, milliseconds{100});
  set(b, milliseconds{100});
  post(keeper, cancel_alarm{a.actor.id()}, nullptr);
  post(keeper, cancel_alarm{4711}, nullptr);
  caf::anon_send_exit(a.actor, caf::exit_reason::user_shutdown);
  world.run();
  a.actor = {};
  all.clear();
  CHECK(a.woken.use_count() == 1);
  world.advance(milliseconds{200});
  CHECK(a.woken->empty());
  CHECK(b.woken->size() == 1);
  all.push_back(b.actor);
}

TEST_CASE_METHOD(time_fixture, "an owner that ended is kept no longer than to its alarm", "[timekeeper]") {
  auto a = make_owner();
  set(a, milliseconds{100});
  caf::anon_send_exit(a.actor, caf::exit_reason::user_shutdown);
  a.actor = {};
  all.clear();
  world.advance(milliseconds{100});
  CHECK(a.woken.use_count() == 1);
}

TEST_CASE_METHOD(time_fixture, "a thousand alarms come each at its own time", "[timekeeper]") {
  std::vector<owner> owners;
  for (int i = 0; i < 1000; ++i)
    owners.push_back(make_owner());
  for (int i = 0; i < 1000; ++i)
    set(owners[static_cast<std::size_t>(i)], milliseconds{(i * 7919) % 1000 + 1});
  for (int i = 0; i < 1001; ++i)
    world.advance(milliseconds{1});
  auto wrong = 0;
  for (int i = 0; i < 1000; ++i)
    if (*owners[static_cast<std::size_t>(i)].woken != std::vector{start + milliseconds{(i * 7919) % 1000 + 1}})
      ++wrong;
  CHECK(wrong == 0);
}

// Each alarm that was earlier than all others used to leave a wake-up of its own behind for ever.
TEST_CASE_METHOD(time_fixture, "earlier and earlier alarms do not multiply the clock's messages", "[timekeeper]") {
  auto last = make_owner();
  set(last, milliseconds{5000});
  std::vector<owner> owners;
  for (int i = 0; i < 50; ++i) {
    owners.push_back(make_owner());
    set(owners.back(), milliseconds{1000 - i});
  }
  for (int i = 0; i < 1000; ++i)
    world.advance(milliseconds{1});
  CHECK(pending_in_clock() <= 2);
  world.advance(milliseconds{4000});
  CHECK(last.woken->size() == 1);
  CHECK(pending_in_clock() == 0);
}

TEST_CASE("a timekeeper that ended holds no owner", "[timekeeper]") {
  virtual_system world;
  auto keeper = world.system().spawn<timekeeper>();
  auto woken = std::make_shared<std::vector<time_point>>();
  auto owner = world.system().spawn<sleeper>(woken);
  post(keeper, set_alarm{owner, world.system().clock().now() + std::chrono::hours{24}}, nullptr);
  world.run();
  caf::anon_send_exit(keeper, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(owner, caf::exit_reason::user_shutdown);
  owner = {};
  world.run();
  CHECK(woken.use_count() == 1);
}

TEST_CASE_METHOD(time_fixture, "who waits for an alarm when the timekeeper ends is woken", "[timekeeper]") {
  auto a = make_owner();
  auto b = make_owner();
  set(a, milliseconds{1500});
  caf::anon_send_exit(keeper, caf::exit_reason::user_shutdown);
  world.run();
  CHECK(a.woken->size() == 1);
  CHECK(b.woken->empty());
}

} // namespace actorbus::test
