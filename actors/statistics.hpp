#pragma once

#include <atomic>
#include <cstdint>

namespace actorbus {

/// Counters of one bus since its begin. Sessions add once a batch; anyone may read.
struct statistics {
  using counter = std::atomic<std::uint64_t>;

  counter publishes_received{0}; ///< PUBLISH packets from clients
  counter publishes_sent{0};     ///< PUBLISH packets to clients
  counter publishes_dropped{0};  ///< thrown away by a limit or their expiry
  counter bytes_received{0};
  counter bytes_sent{0};
  counter clients_connected{0};   ///< now
  counter clients_total{0};       ///< sessions now, with and without a connection
  counter subscriptions{0};       ///< now
  counter retained_messages{0};   ///< now
  counter connections_refused{0}; ///< CONNECTs that were answered with an error
};

inline void count(statistics::counter& which, std::uint64_t amount = 1) noexcept {
  which.fetch_add(amount, std::memory_order_relaxed);
}

} // namespace actorbus
