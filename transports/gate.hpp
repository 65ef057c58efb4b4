#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/options.hpp>

namespace actorbus::transports {

/// What happened at the listeners of one broker. Any thread may look.
struct connection_counters {
  std::atomic<std::size_t> open{0};
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};  ///< more than `limits.connections_max`, or their kind's
  std::atomic<std::uint64_t> starved{0};  ///< times that accepting paused for want of descriptors
  std::atomic<std::uint64_t> expired{0};  ///< no whole CONNECT within `limits.connect_timeout_ms`
  std::atomic<std::uint64_t> stalled{0};  ///< took nothing for `limits.stall_disconnect_ms`
  std::atomic<std::uint64_t> rejected{0}; ///< broke off by TLS, WebSocket or the PROXY protocol
};

/// What the connections of one listener or connector have in common.
struct gate {
  actorbus::limits limits;                       ///< the listener's own, or the bus's
  std::string transport;                         ///< "tcp", …, for `channel_info`
  std::shared_ptr<const listener_policy> policy; ///< nullptr: anybody, as for the program itself
  std::shared_ptr<connection_counters> counters = std::make_shared<connection_counters>();
  std::size_t connections_total_max = ~std::size_t{0}; ///< of all listeners of the broker
  std::atomic<std::size_t> open{0};                    ///< through this one
  std::atomic<bool> closed{false}; ///< the listener is gone: who isn't in yet stays out

  bool is_full() const noexcept {
    return open.load(std::memory_order_relaxed) >= limits.connections_max ||
           counters->open.load(std::memory_order_relaxed) >= connections_total_max;
  }
  void enter() noexcept {
    open.fetch_add(1, std::memory_order_relaxed);
    counters->open.fetch_add(1, std::memory_order_relaxed);
  }
  void leave() noexcept {
    open.fetch_sub(1, std::memory_order_relaxed);
    counters->open.fetch_sub(1, std::memory_order_relaxed);
  }
};

using gate_ptr = std::shared_ptr<gate>;

} // namespace actorbus::transports
