#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace actorbus {

/// Every limit there is, with its unit and default, on one page. The names are those of the
/// topology file's `[limits]` and of `--set limits.NAME=VALUE`.
struct limits {
  // -- connections ------------------------------------------------------------------------------
  /// Network connections of one broker at a time; the next is closed unanswered.
  std::size_t connections_max = 100'000;
  /// From the connection's begin to the end of its CONNECT, milliseconds; then it is closed.
  std::uint32_t connect_timeout_ms = 10'000;
  /// Largest accepted packet, bytes; larger ones end the connection with 0x95.
  std::uint32_t packet_size_bytes_max = 16 * 1024 * 1024;
  /// Largest accepted CONNECT, bytes: what a stranger may make the broker hold.
  std::uint32_t connect_size_bytes_max = 64 * 1024;
  /// Connections that wait for their authentication at a time; the next is refused with 0x89.
  std::size_t authentications_max = 1'000;
  /// From a CONNECT or a re-authentication's begin to the authenticator's last word, milliseconds;
  /// then the client is refused with 0x88, or sent away with 0x87. Below `connect_timeout_ms`.
  std::uint32_t authentication_timeout_ms = 5'000;
  /// Longest keep-alive that a client may ask for, seconds; 0: any. A longer one is lowered and
  /// a 5.0 client told by Server Keep Alive.
  std::uint16_t keep_alive_seconds_max = 0;

  /// Bytes on their way through shared memory in each direction of one link; made a power of two
  /// from 4 KB to 64 MB. Memory is taken as it is used, twice this at most.
  std::size_t shared_memory_ring_bytes = 128 * 1024;
  /// Links through shared memory of one listener at a time; the next is turned away.
  std::size_t shared_memory_links_max = 1'024;

  // -- sessions ---------------------------------------------------------------------------------
  /// Sessions of one broker, with and without a connection; the next is refused with 0x97.
  std::size_t sessions_max = 1'000'000;
  /// Longest session expiry interval, seconds; longer ones are lowered.
  std::uint32_t session_expiry_seconds_max = 0xFFFF'FFFF;
  /// Subscriptions of one session; the next is refused with 0x97.
  std::size_t subscriptions_per_session_max = 100'000;
  /// Filters of one SUBSCRIBE or UNSUBSCRIBE; those behind are refused with 0x97.
  std::size_t filters_per_packet_max = 4'096;
  /// Longest client identifier, bytes.
  std::size_t client_id_bytes_max = 65'535;

  // -- topics -----------------------------------------------------------------------------------
  std::size_t topic_bytes_max = 65'535;
  std::size_t topic_levels_max = 128;
  /// Aliases that a client may define on one connection.
  std::uint16_t topic_alias_max = 32;
  /// Aliases that the broker uses towards a client that allows them.
  std::uint16_t topic_alias_outbound_max = 32;

  // -- messages on their way --------------------------------------------------------------------
  /// QoS 1 and 2 messages that a client may send without having been answered.
  std::uint16_t receive_maximum = 1'024;
  /// QoS 1 and 2 messages on their way to one client at a time, further bounded by what a 5.0
  /// client asks for.
  std::uint16_t inflight_max = 1'024;
  /// QoS 1 and 2 messages that wait for one session, and their bytes; what comes then is dropped.
  std::size_t queued_messages_max = 10'000;
  std::size_t queued_bytes_max = 16 * 1024 * 1024;
  /// The same for all sessions of the broker together, sent or not.
  std::size_t queued_total_messages_max = 10'000'000;
  std::size_t queued_total_bytes_max = 1024 * 1024 * 1024;
  /// Bytes that one connection may have read and the bus not yet handed on; above it its socket
  /// is not read.
  std::size_t inbound_bytes_max = 1024 * 1024;
  /// Bytes on their way to one client; above it QoS 0 is dropped and QoS 1 and 2 wait in the
  /// session.
  std::size_t outbound_bytes_max = 4 * 1024 * 1024;
  /// The same for all clients of the bus together; above it each one may have a fair share.
  std::size_t outbound_total_bytes_max = 64 * 1024 * 1024;
  /// The same for a client that has stopped reading, for `stall_timeout_ms`.
  std::size_t stalled_bytes_max = 32 * 1024;
  /// A client that reads nothing for so long while something waits for it is stalled,
  /// milliseconds: publishers no longer wait for it.
  std::uint32_t stall_timeout_ms = 1'000;
  /// A network client that reads nothing for so long while something waits for it loses its
  /// connection, milliseconds.
  std::uint32_t stall_disconnect_ms = 30'000;

  /// PUBLISH packets of one client a second; 0: any number. One that was quiet may send
  /// `publish_burst_max` at once; who sends more loses its connection with 0x96.
  std::uint32_t publish_per_second_max = 0;
  std::uint32_t publish_burst_max = 1'000;
  /// Payloads that call themselves text (payload format indicator 1) are checked up to this size,
  /// bytes; one that is not UTF-8 is refused with 0x99. 0: none is checked.
  std::size_t payload_check_bytes_max = 0;

  // -- figures ----------------------------------------------------------------------------------
  /// Clients that `$SYS/broker/figures/…` lists, the first ones of its order.
  std::size_t figures_clients_max = 100;

  // -- retained messages ------------------------------------------------------------------------
  std::size_t retained_messages_max = 1'000'000;
  std::size_t retained_bytes_max = 1024 * 1024 * 1024;
};

/// How often `$SYS/broker/…` is published, seconds; 0: never.
inline constexpr std::uint32_t status_interval_seconds_default = 10;

} // namespace actorbus
