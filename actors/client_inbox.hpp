#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include <actorbus/actors/operation.hpp>

namespace actorbus {

/// What came for a client and waits to be received. The client's actor puts in, any thread takes.
class client_inbox {
public:
  /// @param messages_max, bytes_max QoS 0 that finds it full is dropped; of QoS 1 and 2 what is on
  ///                                its way already is taken
  client_inbox(std::size_t messages_max, std::size_t bytes_max) noexcept
      : messages_max_(messages_max), bytes_max_(bytes_max) {}

  void put(const incoming_message& message);

  /// Nothing more will come.
  void close(const outcome& why);

  /// Whether the client shall take no more from the broker; then `client`, its actor, is told when
  /// there is room again.
  bool is_full(const caf::actor& client);

  operation<received> receive(const caf::actor& clock);

  /// Blocks. @returns nothing if none came in time or none will come any more
  std::optional<incoming_message> wait(std::chrono::milliseconds timeout);

  std::uint64_t dropped() const;

private:
  std::optional<incoming_message> take();
  void tell_lookers() noexcept { changes_.fetch_add(1, std::memory_order_release); }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<incoming_message> messages_;
  std::vector<operation_promise<received>> waiting_; ///< oldest first
  std::optional<outcome> closed_;
  actor_handle held_back_; ///< waits for `receive_more`
  const std::size_t messages_max_;
  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
  std::atomic<std::uint32_t> changes_{0}; ///< counts what came, to be looked at without the mutex
};

} // namespace actorbus
