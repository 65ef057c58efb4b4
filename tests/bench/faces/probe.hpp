#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <vector>

namespace actorbus::bench {

inline std::uint64_t nanoseconds_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(time.tv_nsec);
}

inline std::uint64_t wall_now() {
  return nanoseconds_of(CLOCK_MONOTONIC);
}

/// Writes when a message sets out into its payload.
inline void stamp(void* payload) {
  const auto now = wall_now();
  std::memcpy(payload, &now, sizeof now);
}

/// Where all deliveries are noted, by one thread at a time. A message has arrived when its last receiver has it.
class probe {
public:
  void begin(std::uint32_t receivers) {
    receivers_ = receivers;
    copies_ = 0;
    arrived_ = 0;
    latencies_.clear();
    latencies_.reserve(1 << 20);
  }

  void deliver(const void* payload) {
    if (++copies_ < receivers_)
      return;
    copies_ = 0;
    std::uint64_t sent = 0;
    std::memcpy(&sent, payload, sizeof sent);
    latencies_.push_back(static_cast<std::uint32_t>(wall_now() - sent));
    arrived_.fetch_add(1, std::memory_order_release);
    if (sleeps_.load(std::memory_order_seq_cst))
      arrived_.notify_one();
  }

  std::uint64_t arrived() const { return arrived_.load(std::memory_order_acquire); }

  /// Sleeps until so many have arrived.
  void sleep_until(std::uint64_t count) {
    sleeps_.store(true, std::memory_order_seq_cst);
    for (auto now = arrived(); now < count; now = arrived())
      arrived_.wait(now);
    sleeps_.store(false, std::memory_order_relaxed);
  }

  /// Looks until so many have arrived.
  void spin_until(std::uint64_t count) const {
    while (arrived() < count)
      __builtin_ia32_pause();
  }

  /// In microseconds. @pre nobody delivers any more
  double quantile(double part) {
    if (latencies_.empty())
      return 0;
    auto at = latencies_.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(latencies_.size() - 1));
    std::nth_element(latencies_.begin(), at, latencies_.end());
    return *at / 1e3;
  }

private:
  std::uint32_t receivers_ = 1;
  std::uint32_t copies_ = 0;
  std::atomic<std::uint64_t> arrived_{0};
  std::atomic<bool> sleeps_{false};
  std::vector<std::uint32_t> latencies_;
};

} // namespace actorbus::bench
