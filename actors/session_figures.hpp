#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <actorbus/protocol/types.hpp>

namespace actorbus {

/// What has gone through a session, or through a bus, so far.
struct traffic_figures {
  std::uint64_t messages_in = 0;  ///< PUBLISH packets from clients
  std::uint64_t messages_out = 0; ///< ... and to them
  std::uint64_t bytes_in = 0;     ///< of MQTT packets of all kinds
  std::uint64_t bytes_out = 0;
  std::uint64_t dropped = 0; ///< messages that were thrown away
};

/// How one session is, at one moment.
struct session_figures {
  /// So many of a session's filters are named at most.
  static constexpr std::size_t filters_max = 8;

  std::string client_id;
  std::string transport; ///< of the connection, as are the next two; empty: it has none
  std::string peer;
  std::string listener; ///< its URL; empty: none, a participant of the program
  protocol::protocol_version version{};
  bool connected = false;
  traffic_figures traffic;
  double in_per_second = 0;        ///< messages, of the last second or so
  double out_per_second = 0;       ///< ...
  std::size_t queued_messages = 0; ///< QoS 1 and 2 that wait for their turn
  std::size_t inflight = 0;        ///< QoS 1 and 2 that were sent and not yet answered
  std::size_t stored_bytes = 0;    ///< of both
  std::size_t subscriptions = 0;
  std::vector<std::string> filters; ///< some of them, in order
};

} // namespace actorbus
