#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace actorbus {

/// How many bytes a session has given to its channel that the channel hasn't handed to its peer:
/// the session adds, the channel takes away, both look. One a channel.
struct outbound_meter {
  /// @returns bytes in flight, these included
  std::size_t add(std::size_t bytes) noexcept {
    return bytes_.fetch_add(bytes, std::memory_order_acq_rel) + bytes;
  }

  /// @returns true if the session waits and half of `limit_bytes` is free again: the channel owes
  ///          it one `outbound_drained`
  [[nodiscard]] bool take(std::size_t bytes, std::size_t limit_bytes) noexcept {
    auto left = bytes_.fetch_sub(bytes, std::memory_order_acq_rel) - bytes;
    return left <= limit_bytes / 2 && waiting_.load(std::memory_order_seq_cst) &&
           waiting_.exchange(false);
  }

  /// Asks for an `outbound_drained`. @returns false if there is no need: go on
  bool wait(std::size_t limit_bytes) noexcept {
    waiting_.store(true, std::memory_order_seq_cst);
    return !(bytes_.load(std::memory_order_seq_cst) <= limit_bytes / 2 && waiting_.exchange(false));
  }

  std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

  /// Set by the channel while its peer reads nothing: publishers shall not wait for it.
  std::atomic<bool> stalled{false};

private:
  std::atomic<std::size_t> bytes_{0};
  std::atomic<bool> waiting_{false};
};

} // namespace actorbus
