#pragma once

#include <atomic>
#include <cstddef>

namespace actorbus::demos {

/// Counts the messages between a client's actor and the participant that owns it, so that one that
/// is slow holds its client back, and through it the bus, instead of filling a mailbox. Who comes
/// through and who leaves are on two threads.
class message_gate {
public:
  explicit message_gate(std::size_t messages_max) noexcept : messages_max_(messages_max) {}

  /// A message is on its way. Client's actor only.
  void enter() noexcept { waiting_.fetch_add(1); }

  /// For `client_events::is_full`. Client's actor only.
  bool is_full() noexcept {
    holds_ = true;
    if (waiting_.load() >= messages_max_)
      return true; // `leave` sees `holds_`: it has yet to bring the number down
    holds_ = false;
    return false;
  }

  /// A message has been dealt with. Participant only.
  /// @returns whether the client waits to be told `receive_more`
  [[nodiscard]] bool leave() noexcept {
    return waiting_.fetch_sub(1) - 1 <= messages_max_ / 2 && holds_.exchange(false);
  }

private:
  const std::size_t messages_max_;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<bool> holds_{false};
};

} // namespace actorbus::demos
