#include <actorbus/actors/sleep_policy.hpp>

#include <catch2/catch.hpp>

using actorbus::sleep_policy;
using namespace std::chrono_literals;

namespace {

/// Short sleeps until it looks.
int sleeps_before_look(sleep_policy& at) {
  int count = 0;
  for (; !at.looks(); ++count)
    at.slept(40us);
  return count;
}

/// Looks in vain until it gives up.
int looks_in_vain(sleep_policy& at) {
  int count = 0;
  for (; at.looks(); ++count)
    at.missed();
  return count;
}

} // namespace

TEST_CASE("who hears nothing for long sleeps at once") {
  sleep_policy at;
  CHECK_FALSE(at.looks());
  at.slept(5ms);
  CHECK_FALSE(at.looks());
}

TEST_CASE("who is woken soon looks before the next sleep, as long as news come at once") {
  sleep_policy at;
  at.slept(40us);
  CHECK(at.looks());
  for (int i = 0; i < 1000; ++i)
    at.found(2us);
  CHECK(at.looks());
}

TEST_CASE("two looks in vain end the looking, however often it paid before") {
  sleep_policy at;
  at.slept(40us);
  for (int i = 0; i < 1000; ++i)
    at.found(2us);
  CHECK(looks_in_vain(at) <= 2);
}

TEST_CASE("news that take longer than a sleep costs are not looked for") {
  sleep_policy at;
  at.slept(40us);
  int looks = 0;
  for (; at.looks(); ++looks)
    at.found(25us);
  CHECK(looks == 2);
}

TEST_CASE("looking that pays now and then, but not on the whole, is given up") {
  sleep_policy at;
  at.slept(40us);
  int rounds = 0;
  for (; at.looks() && rounds < 100; ++rounds) {
    at.found(1us);
    at.found(1us);
    at.missed(); // 37 us for three, at 5 a sleep
  }
  CHECK(rounds < 10);
}

TEST_CASE("what was tried in vain is tried again less and less often") {
  sleep_policy at;
  for (const auto expected : {1, 2, 4, 8, 16, 32}) {
    CHECK(sleeps_before_look(at) == expected);
    looks_in_vain(at);
  }
  for (int round = 0; round < 20; ++round) {
    sleeps_before_look(at);
    looks_in_vain(at);
  }
  CHECK(sleeps_before_look(at) == 4096);
}

TEST_CASE("looking that pays shortens the pause after looks in vain") {
  sleep_policy at;
  for (int round = 0; round < 5; ++round) {
    sleeps_before_look(at);
    looks_in_vain(at);
  }
  sleeps_before_look(at);
  for (int i = 0; i < 1000; ++i)
    at.found(1us);
  looks_in_vain(at);
  CHECK(sleeps_before_look(at) == 2);
}

TEST_CASE("where a sleep was measured to be dear, longer looks are worth their time") {
  sleep_policy at;
  for (int i = 0; i < 6; ++i) {
    at.slept(40us, 20us);
    for (; at.looks();)
      at.missed();
  }
  while (!at.looks())
    at.slept(40us);
  int looks = 0;
  for (; at.looks() && looks < 100; ++looks)
    at.found(25us);
  CHECK(looks == 100);
  for (looks = 0; at.looks() && looks < 100; ++looks)
    at.found(60us);
  CHECK(looks < 100);
}

TEST_CASE("a look lasts as long as a sleeping peer needs to answer, within bounds") {
  sleep_policy quick, slow;
  CHECK(quick.window() == sleep_policy::window_min);
  for (int i = 0; i < 100; ++i) {
    quick.slept(3us);
    looks_in_vain(quick);
    slow.slept(45us);
    looks_in_vain(slow);
  }
  CHECK(quick.window() == sleep_policy::window_min);
  CHECK(slow.window() >= 80us);
  CHECK(slow.window() <= sleep_policy::window_max);
}

TEST_CASE("the cost of a sleep is asked for now and then only") {
  sleep_policy at;
  int asked = 0;
  for (int i = 0; i < 1000; ++i) {
    asked += at.wants_cost() ? 1 : 0;
    at.slept(40us);
  }
  CHECK(asked > 0);
  CHECK(asked < 50);
}
