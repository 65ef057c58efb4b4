#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

#include <actorbus/actors/actor_handle.hpp>

namespace actorbus {

/// Sent to a producer whose spent credit has come back: it may go on.
struct credit_granted {};

/// Counts the bytes that one producer has in flight. Every buffer charges its producer when it is
/// made and refunds when it is freed, wherever that happens; so a producer that looks at its
/// account before it makes more can't outrun its receivers, however many mailboxes lie between.
///
/// One thread spends (the producer's), any thread refunds.
class credit_account {
public:
  /// @param limit_bytes the producer stops above this
  explicit credit_account(std::size_t limit_bytes) noexcept : limit_(limit_bytes) {}

  credit_account(const credit_account&) = delete;
  credit_account& operator=(const credit_account&) = delete;

  /// Names the actor that gets `credit_granted`; called once, before anything is charged.
  void owner(actor_handle producer) { owner_ = std::move(producer); }

  /// Forgets the owner, so that the account keeps no actor alive. Buffers may outlive it.
  void close();

  void charge(std::size_t bytes) noexcept { used_.fetch_add(bytes, std::memory_order_relaxed); }

  void refund(std::size_t bytes) noexcept {
    auto left = used_.fetch_sub(bytes, std::memory_order_seq_cst) - bytes;
    auto forgiven = forgiven_.load(std::memory_order_relaxed);
    while (left < forgiven &&
           !forgiven_.compare_exchange_weak(forgiven, left, std::memory_order_relaxed)) {
      // another thread changed it: look again
    }
    if (waiting_.load(std::memory_order_seq_cst) && left <= wake_below())
      wake();
  }

  std::size_t used_bytes() const noexcept { return used_.load(std::memory_order_relaxed); }

  bool exhausted() const noexcept {
    return used_bytes() >= limit_ + forgiven_.load(std::memory_order_relaxed);
  }

  /// What is in flight now was held up for too long by somebody who doesn't read: it no longer
  /// counts for as long as it stays. Producer only. What receivers may hold is bounded by limits
  /// of their own.
  void forgive() noexcept { forgiven_.store(used_bytes(), std::memory_order_relaxed); }

  /// Asks for one `credit_granted` once half of the limit is free again.
  /// @returns false if that is so already: no message will come, go on
  bool wait() noexcept;

private:
  void wake() noexcept;

  std::size_t wake_below() const noexcept {
    return limit_ / 2 + forgiven_.load(std::memory_order_relaxed);
  }

  std::atomic<std::size_t> used_{0};
  const std::size_t limit_;
  std::atomic<std::size_t> forgiven_{0}; ///< bytes in flight that don't count
  std::atomic<bool> waiting_{false};
  std::mutex mutex_; ///< guards `owner_` between `close` and `wake`
  actor_handle owner_;
};

using credit_account_ptr = std::shared_ptr<credit_account>;

} // namespace actorbus
