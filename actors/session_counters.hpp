#pragma once

#include <atomic>
#include <cstdint>

namespace actorbus {

/// What one session has done since it began. Written by the session alone, for the price of a plain
/// addition a batch; read by anyone, without waking it.
struct session_counters {
  using counter = std::atomic<std::uint64_t>;

  counter messages_in{0};  ///< PUBLISH packets from the client
  counter messages_out{0}; ///< ... and to it
  counter bytes_in{0};     ///< of MQTT packets of all kinds
  counter bytes_out{0};
  counter dropped{0}; ///< messages for the client that were thrown away
  counter stored{0};  ///< now: QoS 1 and 2 that wait for the client or for its answer

  /// Adds to one of them. Its session only.
  static void add(counter& to, std::uint64_t amount) noexcept {
    to.store(to.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
};

} // namespace actorbus
