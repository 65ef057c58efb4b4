#pragma once

#include <atomic>
#include <cstdint>

namespace actorbus {

/// Counters of one bus since its begin. Sessions add once a batch; anyone may read.
struct statistics {
  using counter = std::atomic<std::uint64_t>;

  counter packets_received{0};   ///< MQTT packets of all kinds from clients
  counter packets_sent{0};       ///< ... and to clients
  counter publishes_received{0}; ///< PUBLISH packets from clients
  counter publishes_sent{0};     ///< PUBLISH packets to clients
  counter publishes_dropped{0};  ///< thrown away by a limit or their expiry
  counter bytes_received{0};
  counter bytes_sent{0};
  counter clients_connected{0};    ///< now
  counter clients_total{0};        ///< sessions now, with and without a connection
  counter subscriptions{0};        ///< now
  counter retained_messages{0};    ///< now
  counter clients_maximum{0};      ///< most that were connected at a time
  counter clients_expired{0};      ///< sessions whose expiry interval has passed
  counter shared_subscriptions{0}; ///< now; among `subscriptions`
  counter connects{0};             ///< CONNECT packets
  counter connections_refused{0};  ///< CONNECTs that were answered with an error
};

inline void count(statistics::counter& which, std::uint64_t amount = 1) noexcept {
  which.fetch_add(amount, std::memory_order_relaxed);
}

/// Remembers the largest value that there was.
inline void keep_maximum(statistics::counter& most, std::uint64_t value) noexcept {
  auto before = most.load(std::memory_order_relaxed);
  while (value > before && !most.compare_exchange_weak(before, value, std::memory_order_relaxed)) {
    // another thread changed it: look again
  }
}

} // namespace actorbus
