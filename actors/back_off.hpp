#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

#include <actorbus/actors/client_options.hpp>

namespace actorbus {

/// How long to wait before the next attempt to connect: exponentially longer, and by chance
/// shorter. The same seed gives the same delays.
class back_off {
public:
  back_off(const reconnect_policy& policy, std::uint64_t seed) : policy_(policy), random_(seed) {}

  /// The delay before the next attempt.
  std::chrono::milliseconds next() {
    auto longest = static_cast<double>(std::max(policy_.delay_max, policy_.delay_min).count());
    wanted_ = attempts_++ == 0 ? static_cast<double>(policy_.delay_min.count())
                               : wanted_ * std::max(policy_.growth, 1.0);
    wanted_ = std::min(wanted_, longest);
    // The generator's own bits and not a distribution of the library's: the same everywhere.
    auto chance = static_cast<double>(random_() >> 11) * 0x1p-53;
    auto shortened = wanted_ * (1 - std::clamp(policy_.jitter, 0.0, 1.0) * chance);
    return std::chrono::milliseconds{static_cast<std::int64_t>(shortened)};
  }

  /// A connection stands: the next delay is the first again.
  void reset() noexcept { attempts_ = 0; }

  std::uint32_t attempts() const noexcept { return attempts_; }
  bool may_go_on() const noexcept {
    return policy_.attempts_max == 0 || attempts_ < policy_.attempts_max;
  }

private:
  reconnect_policy policy_;
  std::mt19937_64 random_;
  double wanted_ = 0;
  std::uint32_t attempts_ = 0;
};

} // namespace actorbus
