#pragma once

#include <chrono>
#include <cstdint>

namespace actorbus::transports {

/// How long a thread keeps looking at shared memory before it sleeps. Sleeping and being woken
/// costs both sides some microseconds, looking costs the time it takes: so it is done for as long
/// as news come so quickly one after the other that looking has been the cheaper way, looks in vain
/// included. Where the two sides share a core, or the machine is busy, it never is; and a thread
/// for which nothing comes sleeps.
class sleep_policy {
public:
  using duration = std::chrono::nanoseconds;

  /// Longest look. A peer that sleeps itself answers within it, if there is a core for both.
  static constexpr duration window{30'000};
  /// What a sleep with its waking costs both sides, about.
  static constexpr duration worth{5'000};
  /// Who was woken sooner than this might have looked instead.
  static constexpr duration short_sleep{100'000};

  /// Whether to look before the next sleep.
  bool looks() const noexcept { return cost_ >= 0; }

  /// News came after so long a look.
  void found(duration after) noexcept {
    add(after);
    if (cost_ >= 0 && cost_ <= worth.count() / 2 && backoff_ > 0)
      --backoff_;
  }

  /// A look was in vain, and a sleep followed.
  void missed() noexcept { add(window + worth); }

  /// News ended a sleep.
  void slept(duration time) noexcept {
    if (time > short_sleep || looks())
      return;
    if (pause_ > 0)
      --pause_;
    else
      cost_ = 0;
  }

private:
  static constexpr std::uint32_t backoff_max = 4095;

  void add(duration look) noexcept {
    cost_ += static_cast<std::int32_t>((look.count() - cost_) / 8);
    if (cost_ <= worth.count())
      return;
    cost_ = -1;
    backoff_ = backoff_ < backoff_max / 2 ? backoff_ * 2 + 1 : backoff_max;
    pause_ = backoff_;
  }

  std::int32_t cost_ = -1;  ///< of a look, on average, nanoseconds; negative: it doesn't
  std::uint32_t pause_ = 0; ///< short sleeps until looking is tried again
  std::uint32_t backoff_ =
      0; ///< the next pause: grows with what was in vain, shrinks with what pays
};

} // namespace actorbus::transports
