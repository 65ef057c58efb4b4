#pragma once

#include <cstdint>
#include <vector>

#include "bench_connection.hpp"
#include "bench_packets.hpp"

namespace actorbus::demos {

/// Receives, counts and acknowledges: every read is answered with one write.
class bench_subscriber {
public:
  /// Listens to the publishers `first_publisher`, … (`publishers` of them).
  bench_subscriber(bench_connection connection, const bench_options& options, std::uint32_t run,
                   std::uint32_t first_publisher, std::uint32_t publishers);

  bench_connection& connection() noexcept { return connection_; }

  /// Takes what has come. @returns how many packets there were
  std::uint32_t on_readable(bench_scratch& scratch);

  /// Where this subscriber stands with `publisher`: one past the latest sequence number.
  std::uint32_t passed(std::uint32_t publisher) const noexcept {
    return next_[publisher - first_publisher_];
  }
  /// Counts everything before `sequence` as passed, for messages that will not come any more.
  void give_up(std::uint32_t publisher, std::uint32_t sequence) noexcept;

  std::uint64_t delivered() const noexcept { return delivered_; }
  /// Messages that were skipped: lost, or to come later out of order.
  std::uint64_t skipped() const noexcept { return skipped_; }
  /// Messages that came again, or after a later one.
  std::uint64_t repeated() const noexcept { return repeated_; }
  /// Whether every exchange of QoS 2 has ended and every answer is written.
  bool idle() const noexcept { return unreleased_ == 0 && !connection_.has_output(); }

private:
  void on_publish(const std::uint8_t* packet);
  void on_other(protocol::byte_view bytes, const protocol::packet& packet);

  bench_connection connection_;
  bench_packets packets_; ///< what a PUBLISH looks like; the numbers in it do not matter
  protocol::qos qos_;
  protocol::protocol_version version_;
  std::uint32_t first_publisher_;
  std::vector<std::uint32_t> next_; ///< the sequence number expected from each publisher
  std::uint64_t delivered_ = 0;
  std::uint64_t skipped_ = 0;
  std::uint64_t repeated_ = 0;
  std::uint64_t unreleased_ = 0; ///< PUBRECs whose PUBREL has not come
};

} // namespace actorbus::demos
