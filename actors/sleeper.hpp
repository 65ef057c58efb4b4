#pragma once

#include <chrono>

#include <actorbus/actors/sleep_policy.hpp>

namespace actorbus {

/// Lets the other half of the core, or the hypervisor, have what a waiting loop doesn't need.
inline void pause_processor() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// How a thread waits for what others bring: it looks for as long as that is likely to be cheaper
/// than a sleep, and measures the sleeps that follow. Used by one thread.
class sleeper {
public:
  /// Looks until `has_news()`, or until a sleep is the better choice: at once where it always was.
  /// @returns whether there are news
  template <class F>
  bool look(F&& has_news) noexcept(noexcept(has_news())) {
    if (!policy_.looks())
      return false;
    const auto begin = clock::now();
    const auto window = policy_.window();
    for (;;) {
      for (int i = 0; i < looks_per_clock; ++i) {
        if (has_news()) {
          policy_.found(clock::now() - begin);
          return true;
        }
        pause_processor();
      }
      if (clock::now() - begin > window)
        break;
    }
    policy_.missed();
    return false;
  }

  /// To be called before a sleep …
  void fall_asleep() noexcept;

  /// … and after it, if news have ended it. Without a sleep it does nothing.
  void wake_up() noexcept;

  /// One sleep.
  /// @param until_news sleeps, and returns whether news have ended it
  template <class F>
  bool sleep(F&& until_news) {
    fall_asleep();
    if (!until_news())
      return false;
    wake_up();
    return true;
  }

  /// The calling thread's, for its waits in operations and inboxes.
  static sleeper& of_this_thread() noexcept;

private:
  using clock = std::chrono::steady_clock;
  static constexpr int looks_per_clock = 32;

  sleep_policy policy_;
  clock::time_point asleep_since_{};            ///< set while it sleeps
  std::chrono::nanoseconds processor_before_{}; ///< the sleep whose cost is measured; 0: none
};

} // namespace actorbus
