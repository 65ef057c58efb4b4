#pragma once

#include <cstdint>
#include <vector>

#include "bench_connection.hpp"
#include "bench_packets.hpp"

namespace actorbus::demos {

/// Publishes as fast as its window allows. A message leaves the window when every subscriber has
/// it and, at QoS 1 and 2, the broker has acknowledged it.
class bench_publisher {
public:
  /// @param window messages in flight; batch: messages in a write
  bench_publisher(bench_connection connection, const bench_options& options, std::uint32_t run,
                  std::uint32_t number, std::uint32_t window);

  bench_connection& connection() noexcept { return connection_; }

  /// Allows `messages` more to be published.
  void allow(std::uint64_t messages) noexcept { allowed_ = sent_ + messages; }
  /// Publishes nothing more until `allow`.
  void stop() noexcept { allowed_ = sent_; }

  /// Tells how many messages the slowest subscriber has passed, modulo 2^32.
  void set_delivered(std::uint32_t floor) noexcept {
    delivered_ += floor - static_cast<std::uint32_t>(delivered_);
  }

  /// Writes batches while the window has room for one and the socket takes them.
  void pump();

  /// Takes the broker's answers. @returns how many there were
  std::uint32_t on_readable(bench_scratch& scratch);

  std::uint64_t sent() const noexcept { return sent_; }
  std::uint64_t in_flight() const noexcept;
  /// Whether all that was allowed is published, acknowledged and delivered.
  bool done() const noexcept {
    return sent_ == allowed_ && in_flight() == 0 && !connection_.has_output();
  }

private:
  enum class id_state : std::uint8_t { free, published, released };

  std::uint32_t append_messages(std::uint32_t count);
  void on_ack(protocol::packet_type type, const std::uint8_t* id_bytes);
  void on_other(const std::uint8_t* bytes, const protocol::packet& packet);

  bench_connection connection_;
  bench_packets packets_;
  protocol::qos qos_;
  protocol::protocol_version version_;
  std::uint32_t batch_;
  std::uint32_t window_;
  std::uint64_t sent_ = 0;
  std::uint64_t allowed_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint32_t next_id_ = 1;
  std::vector<id_state> ids_; ///< index: packet identifier; used in turn, so 2 windows are enough
};

} // namespace actorbus::demos
