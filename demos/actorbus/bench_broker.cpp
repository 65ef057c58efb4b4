#include "bench_broker.hpp"

#include <algorithm>
#include <stdexcept>

#include "bench_connections.hpp"
#include "bench_packets.hpp"
#include "bench_process.hpp"
#include "bench_socket.hpp"
#include "bench_traffic.hpp"

namespace actorbus::demos {

namespace {

constexpr std::uint32_t full_write_bytes = 65'536;
constexpr std::uint32_t payload_bytes_max = 16'777'216;
constexpr std::uint32_t window_max = 1'000'000;
constexpr std::uint32_t window_bytes_max = 8'388'608; ///< of what is in flight by default, about
constexpr std::uint32_t packet_ids_max = 65'535;

std::uint32_t default_clients(bench_mode mode) {
  switch (mode) {
  case bench_mode::fanout: return 100;
  case bench_mode::fanin: return 8;
  case bench_mode::conn: return 10'000;
  default: return 1;
  }
}

/// QoS 0 has no acknowledgements to hold a publisher back, so its window must both keep the
/// broker busy and stay below what a broker is willing to queue for one subscriber.
std::uint32_t default_window(const bench_options& options) {
  if (options.batch == 1)
    return 1;
  if (options.qos != protocol::qos::at_most_once)
    return std::min(1000U, std::max(4U, window_bytes_max / options.payload_bytes));
  std::uint32_t publishers = options.mode == bench_mode::fanout ? 1 : options.clients;
  std::uint32_t batches = options.mode == bench_mode::fanout ? 2 : std::max(2U, 8 / publishers);
  return std::min(window_max, batches * options.batch);
}

} // namespace

std::string_view to_string(bench_mode mode) noexcept {
  switch (mode) {
  case bench_mode::pair: return "pair";
  case bench_mode::fanout: return "fanout";
  case bench_mode::fanin: return "fanin";
  case bench_mode::conn: return "conn";
  case bench_mode::latency: return "latency";
  }
  return "?";
}

bench_options resolve(bench_options options) {
  if (options.clients == 0)
    options.clients = default_clients(options.mode);
  if (options.mode == bench_mode::conn)
    return options;
  if (options.clients > bench_topics_max)
    throw std::runtime_error("bench: at most " + std::to_string(bench_topics_max) + " clients");
  if (options.payload_bytes < bench_payload_bytes_min || options.payload_bytes > payload_bytes_max)
    throw std::runtime_error(
        "bench: payload: from 8 bytes (publisher and sequence number) to 16 MB");
  if (options.mode == bench_mode::latency) {
    options.clients = 1;
    options.full_writes = false;
    options.batch = 1;
    options.window = 1;
    return options;
  }
  if (options.full_writes) {
    bench_packets packets(options, 0, 0);
    options.batch = std::max(2U, full_write_bytes / static_cast<std::uint32_t>(packets.size()));
  }
  options.batch = std::max(1U, options.batch);
  if (options.window == 0)
    options.window = default_window(options);
  auto most = options.qos == protocol::qos::at_most_once ? window_max : packet_ids_max;
  options.window = std::min(options.window, most);
  return options;
}

double bench_result::rate() const noexcept {
  auto done = static_cast<double>(connections != 0 ? connections : delivered);
  return wall_seconds > 0 ? done / wall_seconds : 0;
}

double bench_result::per_broker_cpu_second() const noexcept {
  auto done = static_cast<double>(connections != 0 ? connections : delivered);
  return broker_cpu_seconds.value_or(0) > 0 ? done / *broker_cpu_seconds : 0;
}

double bench_result::generator_microseconds() const noexcept {
  auto done = static_cast<double>(connections != 0 ? connections : delivered);
  return done > 0 ? generator_cpu_seconds * 1e6 / done : 0;
}

bench_result run_bench(const bench_options& options) {
  raise_descriptor_limit();
  static_cast<void>(usage_of(options.broker_pid)); // a wrong number shows now
  if (options.mode == bench_mode::conn)
    return run_connections(options);
  return run_traffic(options);
}

} // namespace actorbus::demos
