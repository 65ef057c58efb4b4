#include <catch2/catch.hpp>

#include <memory>
#include <random>
#include <vector>

#include <actorbus/transports/timer_wheel.hpp>

using namespace actorbus;
using namespace actorbus::transports;
using std::chrono::milliseconds;

namespace {

const time_point begin{std::chrono::hours{100'000}};

struct alarm_clock : timer_wheel::entry {
  int calls = 0;
  int hurried_calls = 0;

private:
  void on_deadline(bool hurried) override { ++(hurried ? hurried_calls : calls); }
};

} // namespace

TEST_CASE("a deadline is called once, not early, and at most 32 ms late") {
  timer_wheel wheel;
  alarm_clock one;
  CHECK_FALSE(wheel.next());
  CHECK(wheel.set(one, begin, milliseconds{100}));
  wheel.advance(begin + milliseconds{99});
  CHECK(one.calls == 0);
  REQUIRE(wheel.next());
  CHECK(*wheel.next() > begin + milliseconds{100});
  CHECK(*wheel.next() <= begin + milliseconds{132});
  wheel.advance(*wheel.next());
  CHECK(one.calls == 1);
  CHECK(wheel.empty());
  wheel.advance(begin + milliseconds{1000});
  CHECK(one.calls == 1);
}

TEST_CASE("a cancelled or moved deadline is not called at its old time") {
  timer_wheel wheel;
  alarm_clock cancelled;
  alarm_clock moved;
  wheel.set(cancelled, begin, milliseconds{50});
  wheel.set(moved, begin, milliseconds{50});
  wheel.cancel(cancelled);
  wheel.cancel(cancelled);
  wheel.set(moved, begin, milliseconds{500});
  wheel.advance(begin + milliseconds{499});
  CHECK(cancelled.calls == 0);
  CHECK(moved.calls == 0);
  wheel.advance(begin + milliseconds{532});
  CHECK(moved.calls == 1);
}

TEST_CASE("deadlines many turns of the wheel ahead are met") {
  timer_wheel wheel;
  alarm_clock far;
  wheel.set(far, begin, std::chrono::seconds{100});
  auto last = begin;
  while (wheel.next()) {
    REQUIRE(*wheel.next() > last);
    last = *wheel.next();
    wheel.advance(last);
    CHECK(far.calls == (last > begin + std::chrono::seconds{100} ? 1 : 0));
  }
  CHECK(far.calls == 1);
}

TEST_CASE("a thousand deadlines set at any time are all met in time") {
  timer_wheel wheel;
  std::minstd_rand random{1};
  struct timed : timer_wheel::entry {
    time_point due{};
    const time_point* now = nullptr;
    int calls = 0;

  private:
    void on_deadline(bool) override {
      ++calls;
      CHECK(*now >= due);
      CHECK(*now - due <= milliseconds{32});
    }
  };
  auto now = begin;
  std::vector<std::unique_ptr<timed>> all;
  for (int i = 0; i < 1000; ++i) {
    auto each = std::make_unique<timed>();
    milliseconds delay{random() % 20'000};
    each->due = now + delay;
    each->now = &now;
    wheel.set(*each, now, delay);
    all.push_back(std::move(each));
    auto until = now + milliseconds{random() % 60};
    while (wheel.next() && *wheel.next() <= until) {
      now = *wheel.next();
      wheel.advance(now);
    }
    now = until;
  }
  while (wheel.next()) {
    now = *wheel.next();
    wheel.advance(now);
  }
  for (const auto& each : all)
    CHECK(each->calls == 1);
}

TEST_CASE("hurry calls everything at once and says so") {
  timer_wheel wheel;
  alarm_clock near;
  alarm_clock far;
  wheel.set(near, begin, milliseconds{1});
  wheel.set(far, begin, std::chrono::hours{1});
  wheel.hurry();
  CHECK(near.hurried_calls == 1);
  CHECK(far.hurried_calls == 1);
  CHECK(wheel.empty());
}
