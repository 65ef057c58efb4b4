#include "bench_traffic.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "bench_process.hpp"

namespace actorbus::demos {

namespace {

constexpr std::size_t scratch_bytes = 262'144;
constexpr double loss_timeout_seconds = 1;
constexpr double stall_timeout_seconds = 10;
constexpr int wait_ms = 50; ///< how late a deadline may be noticed when nothing moves
constexpr long nap_nanoseconds = 50'000;
constexpr std::uint32_t packets_per_read_min = 16;

std::uint32_t new_run() {
  static std::uint32_t run = static_cast<std::uint32_t>(getpid());
  return ++run % (36 * 36);
}

/// Lets more packets gather before the next read. A broker that writes each packet by itself
/// would else wake the generator for each, and pay for the wake-up.
void nap() {
  timespec duration{0, nap_nanoseconds};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &duration, nullptr);
}

void control(int epoll, int operation, int fd, std::uint32_t events, std::uint32_t index) {
  epoll_event event{};
  event.events = events;
  event.data.u32 = index;
  if (epoll_ctl(epoll, operation, fd, &event) != 0)
    throw std::runtime_error(system_failure("bench: epoll"));
}

} // namespace

bench_traffic::bench_traffic(const bench_options& options)
    : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)), scratch_(scratch_bytes) {
  auto address = bench_address::from_url(options.url);
  auto run = new_run();
  bool fanout = options.mode == bench_mode::fanout, fanin = options.mode == bench_mode::fanin;
  std::uint32_t subscribers = fanin ? 1 : options.clients;
  std::uint32_t publishers = fanout ? 1 : options.clients;
  std::uint32_t receive_maximum = 0;
  for (std::uint32_t number = 0; number < subscribers; ++number) {
    auto client = open_client(options, address, run, number, receive_maximum);
    subscribe_client(client, options,
                     fanin ? bench_filter(run) : bench_topic(run, fanout ? 0 : number));
    subscribers_.emplace_back(std::move(client), options, run, fanin || fanout ? 0 : number,
                              fanin ? publishers : 1);
  }
  for (std::uint32_t number = 0; number < publishers; ++number) {
    auto client = open_client(options, address, run, subscribers + number, receive_maximum);
    auto window = options.window;
    if (options.qos != protocol::qos::at_most_once)
      window = std::min(window, receive_maximum);
    publishers_.emplace_back(std::move(client), options, run, number, window);
  }
  watches_output_.resize(subscribers + publishers);
  for (std::uint32_t index = 0; index < subscribers + publishers; ++index)
    control(epoll_.get(), EPOLL_CTL_ADD, connection(index).fd.get(), EPOLLIN, index);
  scratch_.resize(scratch_bytes + 2 * options.payload_bytes);
  moved_at_ = monotonic_seconds();
}

bench_connection& bench_traffic::connection(std::uint32_t index) noexcept {
  auto subscribers = static_cast<std::uint32_t>(subscribers_.size());
  return index < subscribers ? subscribers_[index].connection()
                             : publishers_[index - subscribers].connection();
}

bench_traffic::range bench_traffic::subscribers_of(std::uint32_t publisher) const noexcept {
  if (options_.mode == bench_mode::fanout)
    return {0, static_cast<std::uint32_t>(subscribers_.size())};
  return {options_.mode == bench_mode::fanin ? 0 : publisher, 1};
}

void bench_traffic::run(double seconds, std::uint64_t count) {
  constexpr std::uint64_t no_limit = std::uint64_t{1} << 62;
  for (auto& publisher : publishers_)
    publisher.allow(count == 0 ? no_limit : count);
  auto stop_at = monotonic_seconds() + seconds;
  bool stopped = false;
  moved_at_ = monotonic_seconds();
  update_windows();
  while (!idle()) {
    round();
    if (!stopped && monotonic_seconds() >= stop_at) {
      stopped = true;
      for (auto& publisher : publishers_)
        publisher.stop();
    }
  }
}

std::uint64_t bench_traffic::run_one() {
  auto before = expected();
  for (auto& publisher : publishers_)
    publisher.allow(1);
  moved_at_ = monotonic_seconds();
  auto started = monotonic_nanoseconds();
  update_windows();
  while (delivered() + skipped() < before + subscribers_.size())
    round();
  auto took = monotonic_nanoseconds() - started;
  while (!idle())
    round();
  return took;
}

void bench_traffic::round() {
  std::array<epoll_event, 256> events;
  auto ready = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                          options_.spin ? 0 : wait_ms);
  std::uint32_t packets = 0, reads = 0;
  for (int at = 0; at < ready; ++at) {
    const auto& event = events[static_cast<std::size_t>(at)];
    auto index = event.data.u32;
    if ((event.events & EPOLLOUT) != 0)
      connection(index).flush();
    if ((event.events & ~EPOLLOUT) == 0)
      continue;
    ++reads;
    auto subscribers = static_cast<std::uint32_t>(subscribers_.size());
    packets += index < subscribers ? subscribers_[index].on_readable(scratch_)
                                   : publishers_[index - subscribers].on_readable(scratch_);
  }
  check_stall(packets);
  update_windows();
  if (options_.batch >= packets_per_read_min && !options_.spin && reads > 0 &&
      packets < reads * packets_per_read_min)
    nap();
}

void bench_traffic::update_windows() {
  for (std::uint32_t number = 0; number < publishers_.size(); ++number) {
    auto& publisher = publishers_[number];
    auto range = subscribers_of(number);
    auto sent = static_cast<std::uint32_t>(publisher.sent());
    std::uint32_t behind = 0; // of the slowest; differences, because sequence numbers wrap around
    for (auto at = range.first; at < range.first + range.count; ++at)
      behind = std::max(behind, sent - subscribers_[at].passed(number));
    publisher.set_delivered(sent - behind);
    publisher.pump();
  }
  watch_output();
}

/// Asks for EPOLLOUT exactly where something is left to write.
void bench_traffic::watch_output() {
  for (std::uint32_t index = 0; index < watches_output_.size(); ++index) {
    const auto& client = connection(index);
    std::uint8_t wanted = client.has_output() ? 1 : 0;
    if (wanted == watches_output_[index])
      continue;
    watches_output_[index] = wanted;
    std::uint32_t events = wanted != 0 ? std::uint32_t{EPOLLIN | EPOLLOUT} : std::uint32_t{EPOLLIN};
    control(epoll_.get(), EPOLL_CTL_MOD, client.fd.get(), events, index);
  }
}

void bench_traffic::check_stall(std::uint32_t packets) {
  if (packets > 0) {
    moved_at_ = monotonic_seconds();
    return;
  }
  auto still = monotonic_seconds() - moved_at_;
  if (options_.qos == protocol::qos::at_most_once && still > loss_timeout_seconds)
    give_up();
  else if (still > stall_timeout_seconds)
    throw std::runtime_error("bench: stalled for 10 s: " + std::to_string(unfinished()) +
                             " messages are not delivered or not acknowledged");
}

void bench_traffic::give_up() {
  for (std::uint32_t number = 0; number < publishers_.size(); ++number) {
    if (publishers_[number].connection().has_output())
      continue; // not lost: the broker does not read
    auto range = subscribers_of(number);
    for (auto at = range.first; at < range.first + range.count; ++at)
      subscribers_[at].give_up(number, static_cast<std::uint32_t>(publishers_[number].sent()));
  }
  moved_at_ = monotonic_seconds();
}

bool bench_traffic::idle() const noexcept {
  return std::all_of(publishers_.begin(), publishers_.end(),
                     [](auto& publisher) { return publisher.done(); }) &&
         std::all_of(subscribers_.begin(), subscribers_.end(),
                     [](auto& subscriber) { return subscriber.idle(); });
}

std::uint64_t bench_traffic::unfinished() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& publisher : publishers_)
    sum += publisher.in_flight();
  return sum;
}

std::uint64_t bench_traffic::sent() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& publisher : publishers_)
    sum += publisher.sent();
  return sum;
}

std::uint64_t bench_traffic::expected() const noexcept {
  return options_.mode == bench_mode::fanout ? sent() * subscribers_.size() : sent();
}

std::uint64_t bench_traffic::delivered() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& subscriber : subscribers_)
    sum += subscriber.delivered();
  return sum;
}

std::uint64_t bench_traffic::skipped() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& subscriber : subscribers_)
    sum += subscriber.skipped();
  return sum;
}

std::uint64_t bench_traffic::repeated() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& subscriber : subscribers_)
    sum += subscriber.repeated();
  return sum;
}

} // namespace actorbus::demos
