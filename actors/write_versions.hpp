#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace actorbus {

/// The first two levels of a topic or filter, hashed to one of 255 stripes; 0 for filters with a
/// wildcard in them, which may concern any topic.
using topic_stripe = std::uint8_t;

/// Counts the writes to the routing table, by the stripe of the filter written, so that what was
/// looked up for one topic outlives writes that concern others.
///
/// The order of a write: change the tree, `advance`, retire what was unlinked. The order of a
/// look-up, within one guard: `stamp`, then read the tree.
/// - Fresh: a stamp that has the write in it was read after `advance`, so the tree was read as
///   changed. What was read from a tree half changed carries the old stamp and is never used
///   again once `advance` is done.
/// - Safe: cached pointers are followed only in a guard that has found the stamp unchanged. Such
///   a guard began before `advance` was visible to it, hence before the grace period that follows
///   the retirement, which therefore waits for it.
class write_versions {
public:
  /// Changes with every write that may concern topics of `stripe`. The sum of two counters that
  /// only rise is the same only if both are.
  /// @param stripe not 0
  std::uint64_t stamp(topic_stripe stripe) const noexcept {
    return counters_[0].load(std::memory_order_acquire) +
           counters_[stripe].load(std::memory_order_acquire);
  }

  /// Writer only.
  void advance(topic_stripe stripe) noexcept {
    auto& counter = counters_[stripe];
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

private:
  std::array<std::atomic<std::uint64_t>, 256> counters_{};
};

} // namespace actorbus
