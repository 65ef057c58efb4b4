#include <actorbus/transports/sleep_policy.hpp>

#include <catch2/catch.hpp>

using actorbus::transports::sleep_policy;
using namespace std::chrono_literals;

TEST_CASE("who hears nothing for long sleeps at once") {
  sleep_policy at;
  CHECK_FALSE(at.looks());
  at.slept(5ms);
  CHECK_FALSE(at.looks());
}

TEST_CASE("who is woken soon looks before the next sleep") {
  sleep_policy at;
  at.slept(40us);
  CHECK(at.looks());
  for (int i = 0; i < 100; ++i)
    at.found(2us);
  CHECK(at.looks());
}

TEST_CASE("looking ends after a few looks in vain") {
  sleep_policy at;
  at.slept(40us);
  for (int i = 0; i < 100; ++i)
    at.found(2us);
  int looks = 0;
  for (; at.looks(); ++looks)
    at.missed();
  CHECK(looks == 4);
}

TEST_CASE("news that take longer than a sleep costs are not looked for") {
  sleep_policy at;
  at.slept(40us);
  int looks = 0;
  for (; at.looks(); ++looks)
    at.found(30us);
  CHECK(looks == 4);
}

TEST_CASE("what was tried in vain is tried again less and less often") {
  sleep_policy at;
  int before = 0;
  for (int round = 0; round < 5; ++round) {
    int sleeps = 0;
    for (; !at.looks(); ++sleeps)
      at.slept(40us);
    CHECK(sleeps > before);
    before = sleeps;
    while (at.looks())
      at.missed();
  }
  CHECK(before == 16); // after pauses of 1, 3, 7 and 15 short sleeps
}

TEST_CASE("a look that pays makes up for those in vain") {
  sleep_policy at;
  for (int round = 0; round < 5; ++round) {
    while (!at.looks())
      at.slept(40us);
    while (at.looks())
      at.missed();
  }
  while (!at.looks())
    at.slept(40us);
  at.found(1us);
  while (at.looks())
    at.missed();
  at.slept(40us);
  CHECK_FALSE(at.looks()); // a pause of one short sleep, as at the first time
  at.slept(40us);
  CHECK(at.looks());
}
