// What a message costs in process, by each face of the client, beside plain CAF, a queue between two threads, and
// mosquitto over loopback. One table; see docs/benchmarks.md.
// Usage: client_faces [SECONDS A CASE [MOSQUITTO'S PORT AND PID, OR 0 0 [ROAD PACE PAYLOAD RECEIVERS]]]

#include "roads.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <string>

namespace {

using namespace actorbus::bench;

struct row {
  const char* name;
  road_maker make;
  bool by_broker; ///< the broker's CPU time counts as well
};

// clang-format off
const row rows[] = {
    {"queue of two threads", thread_queue,      false},
    {"CAF, two hops",        caf_hops,          false},
    {"plain",                plain_face,        false},
    {"plain, receive",       receiving_face,    false},
    {"actor",                actor_face,        false},
    {"coroutine",            coroutine_face,    false},
    {"mosquitto, Paho C",    mosquitto_by_paho, true},
};
// clang-format on

const char* name_of(pace how) {
  const char* const names[] = {"lone", "busy", "full"};
  return names[static_cast<int>(how)];
}

std::uint64_t cpu_now(clockid_t of_broker) {
  auto own = nanoseconds_of(CLOCK_PROCESS_CPUTIME_ID);
  return of_broker == 0 ? own : own + nanoseconds_of(of_broker);
}

void measure(const row& what, const road_setup& setup, pace how, double seconds, clockid_t broker_clock) {
  setup.at.begin(setup.receivers);
  auto road = what.make(setup);
  if (!road)
    return;
  road->run(how, 50'000'000); // warms up
  setup.at.begin(setup.receivers);
  const auto clock = what.by_broker ? broker_clock : 0;
  const auto cpu = cpu_now(clock);
  const auto wall = wall_now();
  const auto sent = road->run(how, static_cast<std::uint64_t>(seconds * 1e9));
  const auto took = static_cast<double>(wall_now() - wall);
  const auto used = static_cast<double>(cpu_now(clock) - cpu);
  const auto delivered = static_cast<double>(sent) * setup.receivers;
  std::printf("| %s | %s | %zu B | %u | %.2f | %.0f | %.2f | %.2f | %.2f |\n", what.name, name_of(how),
              setup.payload_bytes, setup.receivers, used / delivered / 1e3, delivered / took * 1e6,
              setup.at.quantile(0.5), setup.at.quantile(0.99), setup.at.quantile(0.999));
  std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) try {
  const auto seconds = argc > 1 ? std::atof(argv[1]) : 0.3;
  const auto port = argc > 3 ? std::atoi(argv[2]) : 0;
  clockid_t broker_clock = 0;
  if (port != 0 && ::clock_getcpuclockid(std::atoi(argv[3]), &broker_clock) != 0)
    throw std::runtime_error{"no process " + std::string{argv[3]}};
  std::printf("| road | pace | payload | receivers | CPU µs a delivery | deliveries a ms | p50 µs | p99 | p99.9 |\n"
              "|---|---|---|---|---|---|---|---|---|\n");
  const auto is_wanted = [&](int argument, const std::string& value) {
    return argc <= argument || argv[argument] == value;
  };
  probe at;
  for (auto how : {pace::lone, pace::busy, pace::full})
    for (std::size_t payload : {16, 256, 65'536})
      for (std::uint32_t receivers : {1u, 10u, 100u})
        for (const auto& each : rows)
          if (is_wanted(4, each.name) && is_wanted(5, name_of(how)) && is_wanted(6, std::to_string(payload)) &&
              is_wanted(7, std::to_string(receivers)))
            measure(each, {at, payload, receivers, port}, how, seconds, broker_clock);
} catch (const std::exception& error) {
  std::fprintf(stderr, "client_faces: %s\n", error.what());
  return 1;
}
