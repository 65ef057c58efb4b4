#include "support/fault_proxy.hpp"
#include "support/patience.hpp"

#include <actorbus/actors/bridge.hpp>
#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/client.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/transports/io_threads.hpp>
#include <actorbus/transports/transport_table.hpp>

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <random>

// A bridge over TCP through a proxy that delays, throttles, cuts inside packets and lets bytes vanish.

namespace actorbus::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Reached only where a test fails.

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
}

/// What came, by topic, in order; any thread.
class arrivals {
public:
  void add(std::string_view topic, std::string_view payload) {
    const std::lock_guard lock{mutex_};
    by_topic_[std::string{topic}].push_back(std::stoi(std::string{payload}));
    changed_.notify_all();
  }

  /// Waits until each topic's last number has come.
  bool await(const std::map<std::string, int>& counts) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] {
      for (const auto& [topic, count] : counts)
        if (count > 0 && std::count(by_topic_[topic].begin(), by_topic_[topic].end(), count - 1) == 0)
          return false;
      return true;
    });
  }

  std::vector<int> of(const std::string& topic) {
    const std::lock_guard lock{mutex_};
    return by_topic_[topic];
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::vector<int>> by_topic_;
};

/// The connections of a bridge, which comes and goes on another thread.
class connection_watch {
public:
  void update(bool is_up) {
    const std::lock_guard lock{mutex_};
    if (std::exchange(is_up_, is_up) && !is_up)
      ++lost_;
    changed_.notify_all();
  }

  /// Connections that it has lost.
  std::size_t lost() {
    const std::lock_guard lock{mutex_};
    return lost_;
  }

  /// Waits until it is connected. @returns the connections that it had lost then; nothing: it wasn't in time
  std::optional<std::size_t> await_up() {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, patience, [&] { return is_up_; }))
      return std::nullopt;
    return lost_;
  }

  bool await_lost(std::size_t count) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return lost_ >= count; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_up_ = false;
  std::size_t lost_ = 0;
};

/// Two buses of one process, a bridge from one to the other over TCP, and a faulty network between.
struct faulty_bridge {
  explicit faulty_bridge(std::uint64_t seed) : random{seed} {
    transports::transport_context context{
        .system = system, .threads = threads, .limits = remote->limits(), .broker = remote->broker()};
    auto opened = table.listen("mqtt://127.0.0.1:0", context);
    REQUIRE(opened);
    listener = opened->listener;
    proxy = std::make_unique<fault_proxy>(port_of(opened->url));
    for (auto* each : {&at_local, &at_remote})
      for (const auto* filter : {"up/#", "down/#"})
        each->subscribe(filter,
                        [this, each](const incoming_message& message) {
                          if (message.topic.starts_with("up/") == (each == &at_remote))
                            arrived.add(message.topic, message.payload);
                        })
            .get();
    auto ready = std::make_shared<std::promise<void>>();
    at_local
        .subscribe("$SYS/broker/connection/test/state",
                   [ready](const incoming_message& message) mutable {
                     if (message.payload == "1" && ready)
                       std::exchange(ready, nullptr)->set_value();
                   })
        .get();
    bridge_options options;
    options.name = "test";
    options.addresses = {"mqtt://127.0.0.1:" + std::to_string(proxy->port())};
    options.topics = {{.filter = "#", .direction = bridge_direction::both}};
    options.keep_alive_seconds = 1;
    options.connect_timeout = milliseconds{500};
    options.retry_min = options.retry_max = milliseconds{20};
    bridge = spawn_bridge(
        *local, options,
        {.connect =
             [this](const std::string& url) { return table.connect(url, {.system = system, .threads = threads}); },
         .home = &threads.next(),
         .on_change = [this](const bridge_status& now) { link.update(now.connected); }});
    REQUIRE(ready->get_future().wait_for(patience) == std::future_status::ready);
  }

  ~faulty_bridge() {
    at_local = client{};
    at_remote = client{};
    caf::anon_send_exit(bridge.actor, caf::exit_reason::user_shutdown);
    post(listener, close_channel{}, nullptr);
    {
      caf::scoped_actor self{system};
      self->wait_for(bridge.actor, listener);
    }
    proxy.reset();
    local.reset();
    remote.reset();
    system.await_all_actors_done();
    threads.stop();
  }

  void publish() {
    const auto up = random() % 2 == 0;
    const auto quality = static_cast<int>(1 + random() % 2);
    const auto topic = (up ? "up/" : "down/") + std::to_string(quality);
    (up ? at_local : at_remote).publish(topic, std::to_string(counts[topic]++), static_cast<protocol::qos>(quality));
  }

  /// One fault, with traffic that it strikes; over when it has.
  void strike() {
    network_faults what;
    const auto kind = random() % 5;
    switch (kind) {
    case 0: what.vanish_after = static_cast<std::int64_t>(1 + random() % 1'500); break;
    case 1: what.cut_after = static_cast<std::int64_t>(1 + random() % 1'500); break;
    case 2: what.delay = milliseconds{1 + random() % 20}; break;
    case 3: what.bytes_per_second = 4'000 + random() % 20'000; break;
    default: what.stops_reading = true;
    }
    const auto losses = link.await_up();
    REQUIRE(losses);
    proxy->set(what);
    for (int i = 0; i < 60; ++i)
      publish();
    if (kind < 2)
      REQUIRE(proxy->await_fault(patience));
    else if (kind == 4) // noticed by the keep-alive
      REQUIRE(link.await_lost(*losses + 1));
    else
      REQUIRE(arrived.await(counts));
    proxy->set({});
  }

  std::mt19937_64 random;
  system_config config;
  caf::actor_system system{config};
  transports::io_threads threads{system, 1};
  transports::transport_table table;
  std::unique_ptr<bus> local = std::make_unique<bus>(system);
  std::unique_ptr<bus> remote = std::make_unique<bus>(system);
  client at_local = local->connect();
  client at_remote = remote->connect();
  caf::actor listener;
  std::unique_ptr<fault_proxy> proxy;
  arrivals arrived;
  std::map<std::string, int> counts;
  connection_watch link;
  bridge_handle bridge;
};

std::vector<int> without_repeats(const std::vector<int>& numbers) {
  std::vector<int> result;
  for (const auto each : numbers)
    if (std::find(result.begin(), result.end(), each) == result.end())
      result.push_back(each);
  return result;
}

std::vector<int> up_to(int count) {
  std::vector<int> result;
  for (int i = 0; i < count; ++i)
    result.push_back(i);
  return result;
}

} // namespace

TEST_CASE("a bridge over a faulty network loses nothing, repeats no QoS 2, and keeps the order", "[bridge][faults]") {
  const auto* wanted = std::getenv("ACTORBUS_BRIDGE_SEEDS"); // NOLINT(concurrency-mt-unsafe): one thread
  const auto seeds = wanted ? std::strtoul(wanted, nullptr, 10) : 3;
  std::size_t lost = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    faulty_bridge subject{seed};
    for (int round = 0; round < 6; ++round) {
      subject.strike();
      REQUIRE(subject.arrived.await(subject.counts));
    }
    for (const auto& [topic, count] : subject.counts) {
      INFO(topic);
      const auto numbers = subject.arrived.of(topic);
      if (topic.ends_with('2'))
        REQUIRE(numbers == up_to(count));
      else
        REQUIRE(without_repeats(numbers) == up_to(count));
    }
    lost += subject.link.lost();
  }
  CHECK(lost > seeds); // it was cut indeed
}

} // namespace actorbus::test
