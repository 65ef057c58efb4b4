#include "fault_proxy.hpp"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace actorbus::test {

namespace {

using clock = std::chrono::steady_clock;

/// What one way of a connection holds at most, bytes.
constexpr std::size_t held_max = 256 * 1024;

int open_socket() {
  const auto result = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (result < 0)
    throw std::system_error{errno, std::generic_category(), "fault_proxy: socket"};
  return result;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// One way of a connection.
struct direction {
  struct chunk {
    clock::time_point due;
    std::vector<char> bytes;
  };
  int from = -1;
  int to = -1;
  std::deque<chunk> held;
  std::size_t held_bytes = 0;
  clock::time_point may_write{};
  bool ended = false;      ///< its sender has closed
  bool passed_end = false; ///< and its receiver knows
};

struct connection {
  direction ways[2];
  bool dead = false; ///< what comes vanishes
  bool over = false;
};

void close_both(connection& which, bool with_reset) {
  for (auto& way : which.ways) {
    const linger now{1, 0};
    if (with_reset)
      ::setsockopt(way.from, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(way.from);
  }
  which.over = true;
}

} // namespace

struct fault_proxy::state {
  std::uint16_t target = 0;
  std::uint16_t port = 0;
  int listener = -1;
  int wake[2] = {-1, -1};
  std::mutex mutex; ///< guards `faults`, `cut` and `struck`
  std::condition_variable changed;
  bool struck = false; ///< the fault that waited for its byte has come
  network_faults faults;
  bool cut = false;
  std::atomic<bool> ends{false};
  std::atomic<std::size_t> connections{0};
  std::atomic<std::uint64_t> bytes{0};
  std::vector<connection> open;
  std::thread thread;

  void run();
  void accept_one();
  void read(connection& from, direction& way, const network_faults& now);
  void write(connection& of, direction& way, const network_faults& now);
  void spend(std::size_t count);
};

fault_proxy::fault_proxy(std::uint16_t target_port) : state_{std::make_unique<state>()} {
  state_->target = target_port;
  state_->listener = open_socket();
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(state_->listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(state_->listener, 16) != 0 ||
      ::getsockname(state_->listener, reinterpret_cast<sockaddr*>(&address), &size) != 0 || ::pipe(state_->wake) != 0)
    throw std::system_error{errno, std::generic_category(), "fault_proxy: listen"};
  state_->port = ntohs(address.sin_port);
  state_->thread = std::thread{[this] { state_->run(); }};
}

fault_proxy::~fault_proxy() {
  state_->ends = true;
  (void)!::write(state_->wake[1], "x", 1);
  state_->thread.join();
  for (auto& each : state_->open)
    close_both(each, true);
  for (const auto each : {state_->listener, state_->wake[0], state_->wake[1]})
    ::close(each);
}

std::uint16_t fault_proxy::port() const noexcept {
  return state_->port;
}

void fault_proxy::set(const network_faults& faults) {
  {
    const std::lock_guard lock{state_->mutex};
    state_->faults = faults;
    state_->struck = false;
  }
  (void)!::write(state_->wake[1], "x", 1);
}

bool fault_proxy::await_fault(std::chrono::milliseconds patience) {
  std::unique_lock lock{state_->mutex};
  return state_->changed.wait_for(lock, patience, [this] { return state_->struck; });
}

void fault_proxy::cut() {
  {
    const std::lock_guard lock{state_->mutex};
    state_->cut = true;
  }
  (void)!::write(state_->wake[1], "x", 1);
}

std::size_t fault_proxy::connections() const noexcept {
  return state_->connections;
}

std::uint64_t fault_proxy::bytes() const noexcept {
  return state_->bytes;
}

void fault_proxy::state::accept_one() {
  const auto client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0)
    return;
  const auto server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(target);
  if (server < 0 || ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(client);
    if (server >= 0)
      ::close(server);
    return;
  }
  const int on = 1;
  for (const auto each : {client, server})
    ::setsockopt(each, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ++connections;
  connection made;
  made.ways[0].from = made.ways[1].to = client;
  made.ways[0].to = made.ways[1].from = server;
  open.push_back(std::move(made));
}

// Counts bytes towards the next fault.
void fault_proxy::state::spend(std::size_t count) {
  const std::lock_guard lock{mutex};
  for (auto* left : {&faults.vanish_after, &faults.cut_after})
    if (*left > 0)
      *left -= std::min(*left, static_cast<std::int64_t>(count));
  bytes += count;
}

void fault_proxy::state::read(connection& from, direction& way, const network_faults& now) {
  char block[16 * 1024];
  auto most = sizeof block;
  for (const auto left : {now.vanish_after, now.cut_after})
    if (left > 0)
      most = std::min(most, static_cast<std::size_t>(left));
  const auto got = ::recv(way.from, block, most, MSG_DONTWAIT);
  if (got > 0 && !from.dead) {
    way.held.push_back({clock::now() + now.delay, {block, block + got}});
    way.held_bytes += static_cast<std::size_t>(got);
    spend(static_cast<std::size_t>(got));
  }
  if (got == 0)
    way.ended = true;
  if (got < 0 && errno != EAGAIN)
    close_both(from, true);
}

void fault_proxy::state::write(connection& of, direction& way, const network_faults& now) {
  while (!way.held.empty() && way.held.front().due <= clock::now() && way.may_write <= clock::now()) {
    auto& bytes = way.held.front().bytes;
    auto most = bytes.size();
    if (now.bytes_per_second > 0)
      most = std::min(most, std::max<std::size_t>(1, now.bytes_per_second / 100));
    const auto sent = ::send(way.to, bytes.data(), most, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN)
        close_both(of, true);
      return;
    }
    way.held_bytes -= static_cast<std::size_t>(sent);
    if (now.bytes_per_second > 0)
      way.may_write =
          clock::now() + std::chrono::microseconds{1'000'000 * sent / static_cast<std::int64_t>(now.bytes_per_second)};
    bytes.erase(bytes.begin(), bytes.begin() + sent);
    if (!bytes.empty())
      continue;
    way.held.pop_front();
  }
  if (way.held.empty() && way.ended && !way.passed_end) {
    ::shutdown(way.to, SHUT_WR);
    way.passed_end = true;
  }
}

void fault_proxy::state::run() {
  while (!ends) {
    network_faults now;
    auto cuts = false;
    {
      const std::lock_guard lock{mutex};
      now = faults;
      cuts = std::exchange(cut, false) || faults.cut_after == 0;
      if (faults.cut_after == 0)
        faults.cut_after = -1;
      struck = struck || cuts || faults.vanish_after == 0;
    }
    changed.notify_all();
    for (auto& each : open) {
      if (now.vanish_after == 0)
        each.dead = true;
      if (each.dead)
        for (auto& way : each.ways)
          way.held.clear();
      const auto is_done = !each.dead && each.ways[0].passed_end && each.ways[1].passed_end;
      if (cuts || is_done || (each.dead && (each.ways[0].ended || each.ways[1].ended)))
        close_both(each, cuts);
    }
    std::erase_if(open, [](const connection& each) { return each.over; });

    std::vector<pollfd> polled{{listener, POLLIN, 0}, {wake[0], POLLIN, 0}};
    auto busy = false;
    for (auto& each : open)
      for (auto& way : each.ways) {
        const auto reads = !way.ended && !now.stops_reading && way.held_bytes < held_max;
        polled.push_back({way.from, static_cast<short>(reads ? POLLIN : 0), 0});
        busy = busy || !way.held.empty();
      }
    ::poll(polled.data(), polled.size(), busy ? 1 : -1);
    if ((polled[1].revents & POLLIN) != 0) {
      char ignored[64];
      (void)!::read(wake[0], ignored, sizeof ignored);
    }
    for (std::size_t i = 0; i < open.size(); ++i)
      for (std::size_t k = 0; k < 2 && !open[i].over; ++k) {
        if ((polled[2 + i * 2 + k].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !open[i].ways[k].ended)
          read(open[i], open[i].ways[k], now);
        if (!open[i].over)
          write(open[i], open[i].ways[k], now);
      }
    if ((polled[0].revents & POLLIN) != 0)
      accept_one();
  }
}

} // namespace actorbus::test
