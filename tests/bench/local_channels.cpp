// What a lone message costs between processes of one machine: from one client by way of the broker to another, over
// loopback TCP, a Unix socket and shared memory. The clients do nothing but wait, write and read; so both sides together
// are nearly all system calls, and "io_ns" is what the broker's thread takes of it.
//
// All of it is in one process, which changes nothing about sockets and shared memory: the clients' threads share nothing
// else with the broker's.

#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <dirent.h>

#include <caf/all.hpp>

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/transports/io_threads.hpp>
#include <actorbus/transports/shm_rendezvous.hpp>
#include <actorbus/transports/socket_address.hpp>
#include <actorbus/transports/transport_table.hpp>

namespace {

using namespace actorbus;
using namespace actorbus::transports;
using bytes = std::vector<std::uint8_t>;

class end {
public:
  virtual ~end() = default;
  virtual void write(const bytes& what) = 0;
  /// Waits for so many bytes.
  virtual void read(std::size_t count) = 0;
};

class socket_end final : public end {
public:
  socket_end(const sockaddr* to, socklen_t size) : socket_{::socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    if (::connect(socket_.get(), to, size) != 0)
      throw std::runtime_error{"cannot connect"};
    int on = 1;
    ::setsockopt(socket_.get(), 6, 1, &on, sizeof on);
  }
  void write(const bytes& what) override {
    for (std::size_t sent = 0; sent < what.size();)
      sent += static_cast<std::size_t>(::send(socket_.get(), what.data() + sent, what.size() - sent, MSG_NOSIGNAL));
  }
  void read(std::size_t count) override {
    static thread_local std::array<std::uint8_t, 65536> into;
    while (count > 0)
      count -= static_cast<std::size_t>(::recv(socket_.get(), into.data(), std::min(count, into.size()), 0));
  }

private:
  owned_descriptor socket_;
};

/// Waits as the product's threads do: looks for a while where that has paid, then sleeps.
class shm_end final : public end {
public:
  explicit shm_end(const std::string& name) : link_{std::move(*open_shm_link(name, 5000))} {}

  void write(const bytes& what) override {
    for (std::size_t sent = 0; sent < what.size();) {
      const iovec piece{const_cast<std::uint8_t*>(what.data()) + sent, what.size() - sent};
      sent += link_->write({&piece, 1}).bytes;
      if (sent < what.size() && link_->sleep_until_writable())
        sleep();
    }
  }
  void read(std::size_t count) override {
    static thread_local std::array<std::uint8_t, 65536> into;
    while (count > 0) {
      const iovec piece{into.data(), std::min(count, into.size())};
      count -= link_->read({&piece, 1}).bytes;
      if (count > 0 && !sleeper_.look([this] { return link_->is_readable(); }) && link_->sleep_until_readable()) {
        sleeper_.sleep([this] {
          sleep();
          return true;
        });
      }
    }
  }

private:
  void sleep() {
    pollfd bell{link_->bell(), POLLIN, 0};
    ::poll(&bell, 1, -1);
    link_->hear();
  }

  std::unique_ptr<shm_link> link_;
  sleeper sleeper_;
};

/// A broker that is reached in all three ways.
struct broker {
  broker() {
    transport_table table;
    transport_context context{.system = system, .threads = threads, .broker = home.broker()};
    for (const auto& url : {std::string{"mqtt://127.0.0.1:0"}, "unix://@" + name, "shm://" + name}) {
      auto opened = table.listen(url, context);
      if (!opened)
        throw std::runtime_error{opened.error()};
      listeners.push_back(opened->listener);
      urls.push_back(opened->url);
    }
  }
  ~broker() {
    for (const auto& each : listeners)
      post(each, close_channel{}, nullptr);
  }

  std::unique_ptr<end> open(int way) {
    if (way == 2)
      return std::make_unique<shm_end>(name);
    if (way == 1) {
      auto address = unix_address("@" + name);
      return std::make_unique<socket_end>(address->data(), address->size);
    }
    auto port = static_cast<std::uint16_t>(std::stoi(urls[0].substr(urls[0].rfind(':') + 1)));
    auto found = resolve("127.0.0.1", port, false);
    return std::make_unique<socket_end>(found->front().data(), found->front().size);
  }

  struct last_actor {
    caf::actor_system& system;
    ~last_actor() { system.await_all_actors_done(); }
  };

  std::string name = "bench-" + std::to_string(::getpid());
  system_config config;
  caf::actor_system system{config};
  io_threads threads{system, 1};
  last_actor last{system};
  bus home{system};
  std::vector<caf::actor> listeners;
  std::vector<std::string> urls;
};

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  auto seconds = [](const timeval& of) {
    return static_cast<double>(of.tv_sec) + static_cast<double>(of.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Of the broker's I/O thread, as the scheduler counts it.
double io_thread_seconds() {
  auto* all = ::opendir("/proc/self/task");
  double result = 0;
  while (auto* each = ::readdir(all)) { // NOLINT(concurrency-mt-unsafe): one thread lists
    auto folder = std::string{"/proc/self/task/"} + each->d_name;
    std::string name;
    std::getline(std::ifstream{folder + "/comm"}, name);
    if (name.rfind("actorbus-io", 0) != 0)
      continue;
    std::uint64_t nanoseconds = 0;
    std::ifstream{folder + "/schedstat"} >> nanoseconds;
    result += static_cast<double>(nanoseconds) * 1e-9;
  }
  ::closedir(all);
  return result;
}

bytes connect_packet(char id) {
  return {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 1, static_cast<std::uint8_t>(id)};
}

/// @param batch  messages in a write; 1: each is alone, and the next one goes when it has come
/// @param pause_us between two messages
void messages(benchmark::State& state, int way, std::size_t batch, long pause_us) {
  broker at;
  auto publisher = at.open(way);
  auto subscriber = at.open(way);
  publisher->write(connect_packet('p'));
  publisher->read(4);
  subscriber->write(connect_packet('s'));
  subscriber->read(4);
  subscriber->write({0x82, 6, 0, 1, 0, 1, 't', 0});
  subscriber->read(5);
  bytes one{0x30, 19, 0, 1, 't'}; // 16 bytes of payload
  one.resize(21, 'x');
  bytes all;
  for (std::size_t i = 0; i < batch; ++i)
    all.insert(all.end(), one.begin(), one.end());
  auto cpu = cpu_seconds(), io = io_thread_seconds();
  for (auto _ : state) {
    publisher->write(all);
    subscriber->read(all.size());
    if (pause_us > 0)
      ::usleep(static_cast<useconds_t>(pause_us));
  }
  auto count = static_cast<double>(state.iterations()) * static_cast<double>(batch);
  state.counters["cpu_ns"] = (cpu_seconds() - cpu) * 1e9 / count;
  state.counters["io_ns"] = (io_thread_seconds() - io) * 1e9 / count;
}

} // namespace

// One after the other, as fast as they come back; with pauses, in which everybody sleeps; and as many as fit into 64 KB.
BENCHMARK_CAPTURE(messages, lone_tcp, 0, 1, 0)->UseRealTime();
BENCHMARK_CAPTURE(messages, lone_unix, 1, 1, 0)->UseRealTime();
BENCHMARK_CAPTURE(messages, lone_shm, 2, 1, 0)->UseRealTime();
BENCHMARK_CAPTURE(messages, paused_tcp, 0, 1, 1000)->UseRealTime();
BENCHMARK_CAPTURE(messages, paused_unix, 1, 1, 1000)->UseRealTime();
BENCHMARK_CAPTURE(messages, paused_shm, 2, 1, 1000)->UseRealTime();
BENCHMARK_CAPTURE(messages, full_tcp, 0, 3000, 0)->UseRealTime();
BENCHMARK_CAPTURE(messages, full_unix, 1, 3000, 0)->UseRealTime();
BENCHMARK_CAPTURE(messages, full_shm, 2, 3000, 0)->UseRealTime();

BENCHMARK_MAIN();
