#pragma once

#include <chrono>
#include <cstdint>

namespace actorbus::transports {

/// How long a thread keeps looking at shared memory before it sleeps. Sleeping and being woken
/// costs both sides some microseconds, looking costs the time it takes: so it is worth while where
/// news come quickly one after the other, and is done only while they do. A thread for which
/// nothing comes sleeps.
class sleep_policy {
public:
  using duration = std::chrono::nanoseconds;

  /// Longest look.
  static constexpr duration window{50'000};
  /// What a sleep with its waking costs, about: looking for longer doesn't pay.
  static constexpr duration worth{10'000};
  /// Who was woken sooner than this might have waited: a peer that sleeps too answers late at first.
  static constexpr duration short_sleep{200'000};

  /// Whether to look before the next sleep.
  bool looks() const noexcept { return score_ > 0; }

  /// News came after so long a look.
  void found(duration after) noexcept {
    if (after <= worth) {
      backoff_ = 0;
      if (score_ < score_max)
        ++score_;
    } else if (--score_ == 0) {
      back_off();
    }
  }

  /// A look was in vain.
  void missed() noexcept {
    score_ -= 2;
    if (score_ <= 0)
      back_off();
  }

  /// News ended a sleep.
  void slept(duration time) noexcept {
    if (time > short_sleep)
      return;
    if (pause_ > 0)
      --pause_;
    else
      score_ = trial_score;
  }

private:
  static constexpr int score_max = 8;
  static constexpr int trial_score = 4;
  static constexpr std::uint32_t backoff_max = 1023;

  void back_off() noexcept {
    score_ = 0;
    backoff_ = backoff_ * 2 + 1 < backoff_max ? backoff_ * 2 + 1 : backoff_max;
    pause_ = backoff_;
  }

  int score_ = 0;
  std::uint32_t pause_ = 0; ///< short sleeps until looking is tried again
  std::uint32_t backoff_ = 0;
};

} // namespace actorbus::transports
