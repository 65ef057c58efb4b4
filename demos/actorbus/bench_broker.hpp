#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <actorbus/protocol/types.hpp>

namespace actorbus::demos {

/// Who talks to whom in one measurement.
enum class bench_mode : std::uint8_t {
  pair,    ///< n publishers, n subscribers, one topic each
  fanout,  ///< one publisher, n subscribers of its topic
  fanin,   ///< n publishers, one subscriber of all their topics
  conn,    ///< n connections opened as fast as they are accepted, then held idle
  latency, ///< one pair, one message at a time, each of them timed
};

std::string_view to_string(bench_mode mode) noexcept;

/// What to measure. Zero in a count or limit means "choose for me"; `resolve` says what that is.
struct bench_options {
  bench_mode mode = bench_mode::pair;
  std::string url;               ///< mqtt://HOST[:PORT], tcp://… or unix:///PATH
  std::optional<int> broker_pid; ///< whose CPU time and memory are measured; none: only rates are
  std::uint32_t clients = 0;     ///< the n of `mode`; 0: 1 pair, 100 fanout, 8 fanin, 10 000 conn
  protocol::qos qos{};
  protocol::protocol_version version = protocol::protocol_version::v3_1_1;
  std::uint32_t payload_bytes = 16; ///< at least 8: publisher and sequence number
  bool full_writes = false;         ///< as many messages in a write as fit into 64 KB; else `batch`
  std::uint32_t batch = 1;          ///< messages in a write
  std::uint32_t window = 0;         ///< messages in flight per publisher; see `resolve`
  double duration_seconds = 2;      ///< of publishing; what is in flight then is waited for
  double warm_up_seconds = 0.2;     ///< of the same traffic before the measured interval
  std::uint64_t count = 0; ///< messages per publisher; 0: as many as `duration_seconds` allows
  bool spin = false; ///< ask for events without sleeping: nobody pays for waking the generator
  double rate_per_second = 0; ///< latency: messages started per second; 0: the next one at once
  double hold_seconds = 2;    ///< conn: how long the connections are held
};

/// `options` with every "choose for me" replaced: clients, batch (full writes: 64 KB worth) and
/// window. A message is in flight until every subscriber has it and, at QoS 1 and 2, the broker
/// has acknowledged it. One message a write: window 1, each message is alone. More: at QoS 0 so
/// many that the broker is never short of work and never has to drop, at QoS 1 and 2 1000.
/// @throws std::runtime_error with one line for the user when the options contradict each other
bench_options resolve(bench_options options);

/// Nanoseconds.
struct bench_percentiles {
  std::uint64_t p50 = 0;
  std::uint64_t p99 = 0;
  std::uint64_t p999 = 0;
  std::uint64_t max = 0;
};

/// What was measured between an idle broker and an idle broker: from the first write until the
/// last message was delivered and acknowledged.
struct bench_result {
  std::string failure; ///< why the figures must not be used; empty: they may
  double wall_seconds = 0;
  std::uint64_t sent = 0;                   ///< messages published
  std::uint64_t delivered = 0;              ///< messages received, all subscribers together
  std::uint64_t lost = 0;                   ///< skipped: never delivered, or after a later one
  std::uint64_t repeated = 0;               ///< delivered again, or after a later one
  std::optional<double> broker_cpu_seconds; ///< user and system, all threads
  std::optional<double> broker_system_cpu_seconds; ///< the system's part; steps of 10 ms
  double generator_cpu_seconds = 0;
  std::uint64_t broker_rss_bytes = 0; ///< after the interval; 0: not measured

  bench_percentiles latency; ///< mode latency

  std::uint64_t connections = 0;   ///< mode conn
  double bytes_per_connection = 0; ///< growth of the broker's resident memory, per connection
  double idle_cpu_share = 0;       ///< of one core, while the connections were held

  /// Messages a second; mode conn: connections a second.
  double rate() const noexcept;
  /// Delivered messages (conn: connections) per CPU second of the broker; 0: not measured.
  double per_broker_cpu_second() const noexcept;
  /// Microseconds of the generator per delivered message (conn: connection).
  double generator_microseconds() const noexcept;
};

/// Measures once. Needs `options` from `resolve`.
/// @throws std::runtime_error with one line for the user: address, refusal, no such process
bench_result run_bench(const bench_options& options);

} // namespace actorbus::demos
