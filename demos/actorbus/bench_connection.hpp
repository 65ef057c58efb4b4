#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <actorbus/protocol/bytes.hpp>
#include <actorbus/protocol/packets.hpp>

#include "bench_broker.hpp"
#include "bench_socket.hpp"

namespace actorbus::demos {

/// Memory that one read of any connection goes into; shared by all of them, so that it stays in
/// the cache. Larger than any packet of the run.
using bench_scratch = std::vector<std::uint8_t>;

/// A socket with what is waiting to be written to it and what was read of an unfinished packet.
struct bench_connection {
  bench_fd fd;
  std::vector<std::uint8_t> out; ///< [written, end) is still to be written
  std::size_t written = 0;
  std::vector<std::uint8_t> tail; ///< the front of a packet whose rest has not arrived

  bool has_output() const noexcept { return written < out.size(); }

  /// Writes what there is. @returns true when nothing is left
  /// @throws std::runtime_error when the broker closed the connection
  bool flush();

  /// Reads once. @returns the unfinished packet and what came now, in `scratch`
  /// @throws std::runtime_error when the broker closed the connection
  protocol::byte_view read(bench_scratch& scratch);

  /// Keeps `rest` for the next read.
  void keep(protocol::byte_view rest) { tail.assign(rest.begin(), rest.end()); }
};

/// The CONNECT of client `number` of a run.
std::vector<std::uint8_t> bench_connect(const bench_options& options, std::uint32_t run,
                                        std::uint32_t number, std::uint16_t keep_alive_seconds);

/// Connects and waits for the CONNACK.
/// @param number tells the clients of a run apart
/// @param receive_maximum how many messages the broker takes at a time, if it says so (5.0)
/// @throws std::runtime_error with a line for the user: refused, no answer within 10 s
bench_connection open_client(const bench_options& options, const bench_address& address,
                             std::uint32_t run, std::uint32_t number,
                             std::uint32_t& receive_maximum);

/// Subscribes with the run's QoS and waits for the SUBACK.
/// @throws std::runtime_error with a line for the user
void subscribe_client(bench_connection& client, const bench_options& options,
                      const std::string& filter);

/// Takes the first whole packet from `rest`.
/// @returns false when it is not whole yet
/// @throws std::runtime_error when the bytes are no packet
bool take_packet(protocol::byte_view& rest, protocol::protocol_version version,
                 protocol::packet& packet);

} // namespace actorbus::demos
