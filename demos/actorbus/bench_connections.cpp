#include "bench_connections.hpp"

#include <array>
#include <stdexcept>
#include <vector>

#include <sys/epoll.h>
#include <time.h>

#include <actorbus/protocol/encode.hpp>

#include "bench_connection.hpp"
#include "bench_process.hpp"

namespace actorbus::demos {

namespace {

constexpr std::uint32_t handshakes_max = 100;
constexpr std::uint16_t keep_alive_seconds = 600; ///< a timer each, as real clients have
constexpr int stall_timeout_ms = 10'000;
constexpr std::uint32_t run = 0;

/// Connections between their connect() and their CONNACK, and those that have it.
class connection_pool {
public:
  explicit connection_pool(const bench_options& options)
      : options_(options),
        address_(bench_address::from_url(options.url)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        clients_(options.clients),
        scratch_(65'536) {}

  /// Opens connections until `until` of them are there.
  void open(std::uint32_t until) {
    while (accepted_ < until) {
      while (started_ < until && started_ - accepted_ < handshakes_max)
        start(started_++);
      if (!round(stall_timeout_ms))
        throw std::runtime_error("bench: stalled: no CONNACK within 10 s, after " +
                                 std::to_string(accepted_) + " connections");
    }
  }

  /// Waits; a broker that ends a connection meanwhile ends the run.
  void hold(double seconds) {
    auto until = monotonic_seconds() + seconds;
    for (auto left = seconds; left > 0; left = until - monotonic_seconds())
      round(static_cast<int>(left * 1000) + 1);
  }

  /// Says DISCONNECT everywhere.
  void close() {
    std::vector<std::uint8_t> bytes;
    protocol::append(bytes, protocol::packet{protocol::disconnect{}}, options_.version);
    for (auto& client : clients_) {
      if (!client.fd)
        continue;
      client.out = bytes;
      client.flush();
    }
    clients_.clear();
  }

private:
  void start(std::uint32_t number) {
    auto& client = clients_[number];
    client.fd = start_connect(address_, number);
    client.out = bench_connect(options_, run, number, keep_alive_seconds);
    watch(EPOLL_CTL_ADD, number, EPOLLOUT);
  }

  void watch(int operation, std::uint32_t number, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u32 = number;
    if (epoll_ctl(epoll_.get(), operation, clients_[number].fd.get(), &event) != 0)
      throw std::runtime_error(system_failure("bench: epoll"));
  }

  bool round(int timeout_ms) {
    std::array<epoll_event, 256> events;
    auto ready =
        epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms);
    for (int at = 0; at < ready; ++at) {
      auto number = events[static_cast<std::size_t>(at)].data.u32;
      if (clients_[number].has_output())
        on_connected(number);
      else
        on_answer(number);
    }
    return ready > 0;
  }

  void on_connected(std::uint32_t number) {
    finish_connect(clients_[number].fd.get(), address_);
    if (clients_[number].flush())
      watch(EPOLL_CTL_MOD, number, EPOLLIN);
  }

  void on_answer(std::uint32_t number) {
    auto& client = clients_[number];
    auto rest = client.read(scratch_);
    protocol::packet packet;
    bool whole = take_packet(rest, options_.version, packet);
    auto* connack = std::get_if<protocol::connack>(&packet);
    if (whole && (connack == nullptr || protocol::is_error(connack->code)))
      throw std::runtime_error("bench: " + address_.text + " refused connection " +
                               std::to_string(number));
    client.keep(rest);
    accepted_ += whole ? 1 : 0;
  }

  const bench_options& options_;
  bench_address address_;
  bench_fd epoll_;
  std::vector<bench_connection> clients_;
  bench_scratch scratch_;
  std::uint32_t started_ = 0;
  std::uint32_t accepted_ = 0;
};

} // namespace

bench_result run_connections(const bench_options& options) {
  connection_pool pool(options);
  pool.open(1); // so that what the broker allocates once is not counted
  auto before = usage_of(options.broker_pid);
  auto own = own_cpu_seconds();
  auto started = monotonic_seconds();
  bench_result result;
  try {
    pool.open(options.clients);
    result.wall_seconds = monotonic_seconds() - started;
    result.connections = options.clients - 1;
    result.generator_cpu_seconds = own_cpu_seconds() - own;
    auto opened = usage_of(options.broker_pid);
    pool.hold(options.hold_seconds);
    if (auto held = usage_of(options.broker_pid)) {
      result.broker_cpu_seconds = opened->cpu_seconds - before->cpu_seconds;
      result.broker_system_cpu_seconds = opened->system_cpu_seconds - before->system_cpu_seconds;
      result.broker_rss_bytes = held->rss_bytes;
      auto grown = static_cast<double>(held->rss_bytes) - static_cast<double>(before->rss_bytes);
      result.bytes_per_connection = grown / static_cast<double>(result.connections);
      if (options.hold_seconds > 0)
        result.idle_cpu_share = (held->cpu_seconds - opened->cpu_seconds) / options.hold_seconds;
    }
    pool.close();
  } catch (const std::runtime_error& error) {
    result.failure = error.what();
  }
  return result;
}

} // namespace actorbus::demos
