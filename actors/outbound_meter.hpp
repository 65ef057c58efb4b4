#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace actorbus {

/// What all channels of a bus hold together.
struct outbound_total {
  std::atomic<std::size_t> queued_messages{0}; ///< QoS 1 and 2, kept by all sessions
  std::atomic<std::size_t> queued_bytes{0};    ///< of them
  std::atomic<std::size_t> bytes{0};
  std::atomic<std::size_t> channels{0};
};

/// How many bytes a session has given to its channel that the channel hasn't handed to its peer:
/// the session adds, the channel takes away, both look. One a channel; what all channels of a bus
/// hold is counted besides.
class outbound_meter {
public:
  outbound_meter() = default;
  outbound_meter(const outbound_meter&) = delete;
  outbound_meter& operator=(const outbound_meter&) = delete;

  /// What was never taken leaves the total with the channel.
  ~outbound_meter() {
    if (!total_)
      return;
    total_->bytes.fetch_sub(bytes(), std::memory_order_relaxed);
    total_->channels.fetch_sub(1, std::memory_order_relaxed);
  }

  /// Counts into the bus's total from now on. Session only, before it adds anything.
  void join(std::shared_ptr<outbound_total> of_bus) {
    total_ = std::move(of_bus);
    total_->bytes.fetch_add(bytes(), std::memory_order_relaxed);
    total_->channels.fetch_add(1, std::memory_order_relaxed);
  }

  /// @returns bytes in flight, these included
  std::size_t add(std::size_t bytes) noexcept {
    if (total_)
      total_->bytes.fetch_add(bytes, std::memory_order_relaxed);
    return bytes_.fetch_add(bytes, std::memory_order_acq_rel) + bytes;
  }

  /// @returns true if the session waits and half of its limit is free again: the channel owes it
  ///          one `outbound_drained`
  [[nodiscard]] bool take(std::size_t bytes) noexcept {
    if (total_)
      total_->bytes.fetch_sub(bytes, std::memory_order_relaxed);
    auto left = bytes_.fetch_sub(bytes, std::memory_order_seq_cst) - bytes;
    auto below = wake_below_.load(std::memory_order_seq_cst);
    return below > left && wake_below_.exchange(0) != 0;
  }

  /// Asks for an `outbound_drained`. Session only.
  /// @returns false if there is no need: go on
  bool wait(std::size_t limit_bytes) noexcept {
    auto below = limit_bytes / 2 + 1;
    wake_below_.store(below, std::memory_order_seq_cst);
    return !(bytes_.load(std::memory_order_seq_cst) < below && wake_below_.exchange(0) != 0);
  }

  std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

  /// Set by the channel while its peer reads nothing: publishers shall not wait for it.
  std::atomic<bool> stalled{false};

private:
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::size_t> wake_below_{0}; ///< 0: nobody waits
  std::shared_ptr<outbound_total> total_;
};

} // namespace actorbus
