#include <actorbus/actors/sleeper.hpp>

#include <ctime>

namespace actorbus {

namespace {

std::chrono::nanoseconds thread_processor_time() noexcept {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

} // namespace

void sleeper::fall_asleep() noexcept {
  asleep_since_ = clock::now();
  processor_before_ = policy_.wants_cost() ? thread_processor_time() : std::chrono::nanoseconds{};
}

void sleeper::wake_up() noexcept {
  if (asleep_since_ == clock::time_point{})
    return;
  auto cost = processor_before_ == std::chrono::nanoseconds{}
                  ? processor_before_
                  : thread_processor_time() - processor_before_;
  policy_.slept(clock::now() - asleep_since_, cost);
  asleep_since_ = {};
}

sleeper& sleeper::of_this_thread() noexcept {
  thread_local sleeper mine;
  return mine;
}

} // namespace actorbus
