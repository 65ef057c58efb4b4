#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace actorbus {

/// How long a thread keeps looking for news before it sleeps. Sleeping and being woken costs both
/// sides some microseconds of processor time, looking costs the time it takes: so it is done for as
/// long as news come so quickly one after the other that looking has been the cheaper way, looks in
/// vain included. Where the two sides share a core, or the machine is busy, it never
/// is; and a thread for which nothing comes sleeps.
class sleep_policy {
public:
  using duration = std::chrono::nanoseconds;

  /// Shortest and longest look.
  static constexpr duration window_min{30'000};
  static constexpr duration window_max{100'000};
  /// What a sleep with its waking is taken to cost both sides, until one was measured. A core that
  /// wakes another, or a virtual machine that must be entered again, makes it ten times as much.
  static constexpr duration worth_default{5'000};
  static constexpr duration worth_max{50'000};
  /// Who was woken sooner than this might have looked instead.
  static constexpr duration short_sleep{100'000};

  /// Whether to look before the next sleep.
  bool looks() const noexcept { return cost_ >= 0; }

  /// For how long at most: a peer that sleeps itself answers within it, if there is a core for
  /// both, so that both find out that looking pays.
  duration window() const noexcept {
    return std::clamp(duration{2 * typical_sleep_}, window_min, window_max);
  }

  /// News came after so long a look.
  void found(duration after) noexcept {
    add(after);
    if (cost_ >= 0 && cost_ <= worth_ / 2 && backoff_ > 0)
      --backoff_;
  }

  /// A look was in vain, and a sleep followed.
  void missed() noexcept { add(window() + duration{worth_}); }

  /// Whether `slept` wants to know next time what the sleep cost: asking the kernel isn't free.
  bool wants_cost() const noexcept { return sleeps_ % sleeps_per_cost == 0; }

  /// News ended a sleep.
  /// @param cost processor time of this thread for falling asleep and waking; 0: not measured
  void slept(duration time, duration cost = {}) noexcept {
    if (time > short_sleep)
      return;
    ++sleeps_;
    if (cost > duration{}) { // the other side's part, the wake-up call, is about as much
      auto both = static_cast<std::int32_t>(std::min(2 * cost, worth_max).count());
      worth_ += (both - worth_) / 2;
    }
    if (looks())
      return;
    typical_sleep_ += static_cast<std::int32_t>((time.count() - typical_sleep_) / 4);
    if (pause_ > 0)
      --pause_;
    else
      cost_ = 0;
  }

private:
  static constexpr std::uint32_t backoff_max = 4095;
  static constexpr std::uint32_t sleeps_per_cost = 32;

  void add(duration look) noexcept {
    cost_ += static_cast<std::int32_t>((look.count() - cost_) / 8);
    if (cost_ <= worth_)
      return;
    cost_ = -1;
    backoff_ = backoff_ < backoff_max / 2 ? backoff_ * 2 + 1 : backoff_max;
    pause_ = backoff_;
  }

  std::int32_t cost_ = -1; ///< of a look, on average, nanoseconds; negative: it doesn't
  std::int32_t worth_ = static_cast<std::int32_t>(worth_default.count()); ///< of a sleep saved
  std::int32_t typical_sleep_ = 0; ///< of the short ones, nanoseconds
  std::uint32_t sleeps_ = 0;       ///< short ones so far
  std::uint32_t pause_ = 0;        ///< short sleeps until looking is tried again
  std::uint32_t backoff_ =
      0; ///< the next pause: grows with what was in vain, shrinks with what pays
};

} // namespace actorbus
