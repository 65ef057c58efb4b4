// What one broker costs and how quick it is on one road: URL PID CA-FILE SECONDS CONNECTIONS. Prints one JSON object;
// `compare_roads` starts the brokers and makes a table.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <time.h>
#include <unistd.h>

#include <actorbus/transports/network.hpp>

namespace {

using namespace actorbus;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

const std::string payload(16, 'x');
constexpr std::uint64_t in_flight_max = 20'000;
constexpr std::uint64_t batch = 500;

/// The broker's process, from outside.
struct process {
  explicit process(pid_t id) : id(id) {}

  /// User and system time of all its threads, seconds; its CPU clock, as Linux numbers it.
  double cpu() const {
    timespec used{};
    if (::clock_gettime(static_cast<clockid_t>(~static_cast<unsigned>(id) << 3 | 2), &used) != 0)
      throw std::runtime_error{"no such process: " + std::to_string(id)};
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
  }

  double resident_bytes() const {
    std::uint64_t size = 0, resident = 0;
    std::ifstream{"/proc/" + std::to_string(id) + "/statm"} >> size >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  }

  pid_t id;
};

double seconds_since(clock_type::time_point begin) {
  return std::chrono::duration<double>(clock_type::now() - begin).count();
}

void must(const outcome& result, const char* what) {
  if (!result)
    throw std::runtime_error{std::string{what} + ": " + (result.text.empty() ? "refused" : result.text)};
}

struct road {
  std::string url;
  process broker;
  double seconds;
  transports::network net;

  client open(const std::string& id) {
    auto result = net.connect(url, {.client_id = id});
    must(result.connected(), "connect");
    return result;
  }
};

void print(const char* name, double value) {
  std::cout << ", \"" << name << "\": " << value;
}

/// One message at a time; the next one goes when the one before has come.
void lone(road& on) {
  auto subscriber = on.open("reader");
  must(subscriber.subscribe("r/lone", protocol::qos::at_most_once).get(), "subscribe");
  auto publisher = on.open("writer");
  std::vector<double> took;
  auto exchange = [&] {
    auto begin = clock_type::now();
    publisher.post({.topic = "r/lone", .payload = payload});
    if (!subscriber.receive(5s))
      throw std::runtime_error{"a lone message was lost"};
    took.push_back(seconds_since(begin) * 1e6);
  };
  for (int i = 0; i < 200; ++i)
    exchange();
  took.clear();
  auto cpu = on.broker.cpu();
  for (auto begin = clock_type::now(); seconds_since(begin) < on.seconds;)
    exchange();
  auto count = static_cast<double>(took.size());
  print("lone_cpu_us", (on.broker.cpu() - cpu) * 1e6 / count);
  std::sort(took.begin(), took.end());
  print("lone_p50_us", took[took.size() / 2]);
  print("lone_p99_us", took[took.size() * 99 / 100]);
}

/// As many as fit, at QoS 0, with a bound on what is under way.
void full(road& on) {
  std::atomic<std::uint64_t> come{0};
  auto subscriber = on.open("reader");
  auto count = [&](const incoming_message&) { come.fetch_add(1, std::memory_order_relaxed); };
  must(subscriber.subscribe("r/full", count, protocol::qos::at_most_once).get(), "subscribe");
  auto publisher = on.open("writer");
  std::uint64_t sent = 0;
  auto wait = [&](std::uint64_t left_max) {
    for (auto begin = clock_type::now(); sent - come.load(std::memory_order_relaxed) > left_max;) {
      if (seconds_since(begin) > 5)
        throw std::runtime_error{"messages were lost"};
      std::this_thread::sleep_for(50us);
    }
  };
  auto run = [&](double seconds) {
    for (auto begin = clock_type::now(); seconds_since(begin) < seconds;) {
      for (std::uint64_t i = 0; i < batch; ++i, ++sent)
        publisher.post({.topic = "r/full", .payload = payload});
      wait(in_flight_max);
    }
    wait(0);
  };
  run(0.3);
  auto before = sent;
  auto cpu = on.broker.cpu();
  auto begin = clock_type::now();
  run(on.seconds);
  auto all = static_cast<double>(sent - before);
  print("full_cpu_ns", (on.broker.cpu() - cpu) * 1e9 / all);
  print("full_per_second", all / seconds_since(begin));
}

/// Connections one after the other, then all of them idle.
void idle(road& on, std::size_t count) {
  std::vector<client> open;
  open.reserve(count);
  for (std::size_t i = 0; i < 20; ++i) // what is made once is made now
    on.open("first-" + std::to_string(i));
  auto bytes = on.broker.resident_bytes();
  auto cpu = on.broker.cpu();
  auto begin = clock_type::now();
  for (std::size_t i = 0; i < count; ++i)
    open.push_back(on.open("idle-" + std::to_string(i)));
  auto all = static_cast<double>(count);
  print("connects_per_second", all / seconds_since(begin));
  print("connect_cpu_us", (on.broker.cpu() - cpu) * 1e6 / all);
  print("connection_bytes", (on.broker.resident_bytes() - bytes) / all);
}

} // namespace

int main(int count, char** words) {
  if (count != 6) {
    std::cerr << "usage: roads URL PID CA-FILE SECONDS CONNECTIONS\n";
    return 2;
  }
  try {
    transports::network::options settings;
    settings.connector.tls.ca_file = words[3];
    road on{words[1], process{std::atoi(words[2])}, std::atof(words[4]), transports::network{settings}};
    std::cout << "{\"url\": \"" << on.url << '"';
    idle(on, static_cast<std::size_t>(std::atoi(words[5]))); // first: memory that others needed would hide it
    lone(on);
    full(on);
    std::cout << "}\n";
  } catch (const std::exception& problem) {
    std::cerr << "roads: " << words[1] << ": " << problem.what() << '\n';
    return 1;
  }
}
