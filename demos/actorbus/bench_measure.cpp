#include <algorithm>
#include <stdexcept>
#include <vector>

#include <time.h>

#include "bench_process.hpp"
#include "bench_traffic.hpp"

namespace actorbus::demos {

namespace {

/// A fan-out window holds many deliveries; so that warming up a slow broker stays short.
constexpr std::uint64_t warm_up_deliveries_max = 20'000;

void measure_latency(bench_traffic& traffic, const bench_options& options, bench_percentiles& out) {
  std::vector<std::uint64_t> samples;
  auto started = monotonic_seconds();
  auto until = started + options.duration_seconds;
  auto next = started;
  while (monotonic_seconds() < until && (options.count == 0 || samples.size() < options.count)) {
    if (options.rate_per_second > 0) {
      timespec at{static_cast<time_t>(next),
                  static_cast<long>((next - static_cast<double>(static_cast<time_t>(next))) * 1e9)};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
      next = std::max(next + 1 / options.rate_per_second, monotonic_seconds());
    }
    samples.push_back(traffic.run_one());
  }
  if (samples.empty())
    return;
  std::sort(samples.begin(), samples.end());
  auto at = [&](std::size_t per_mille) { return samples[(samples.size() - 1) * per_mille / 1000]; };
  out = {at(500), at(990), at(999), samples.back()};
}

/// The standard's promises, as one line about the first that was broken.
std::string judge(const bench_result& result, protocol::qos qos) {
  if (qos != protocol::qos::at_most_once && result.lost > 0)
    return std::to_string(result.lost) + " messages were lost or out of order";
  if (qos != protocol::qos::at_least_once && result.repeated > 0)
    return std::to_string(result.repeated) + " messages were delivered twice or out of order";
  if (result.delivered == 0)
    return "nothing was delivered";
  return {};
}

} // namespace

bench_result run_traffic(const bench_options& options) {
  bench_traffic traffic(options);
  bench_result result;
  try {
    auto warm_up = options.mode == bench_mode::fanout
                       ? std::max<std::uint64_t>(1, warm_up_deliveries_max / options.clients)
                       : 0;
    if (options.warm_up_seconds > 0)
      traffic.run(options.warm_up_seconds, warm_up);
    auto sent = traffic.sent(), delivered = traffic.delivered();
    auto skipped = traffic.skipped(), repeated = traffic.repeated();
    auto usage = usage_of(options.broker_pid);
    auto own = own_cpu_seconds();
    auto started = monotonic_seconds();
    if (options.mode == bench_mode::latency)
      measure_latency(traffic, options, result.latency);
    else
      traffic.run(options.count != 0 ? 3600 : options.duration_seconds, options.count);
    result.wall_seconds = monotonic_seconds() - started;
    result.generator_cpu_seconds = own_cpu_seconds() - own;
    if (auto now = usage_of(options.broker_pid)) {
      result.broker_cpu_seconds = now->cpu_seconds - usage->cpu_seconds;
      result.broker_system_cpu_seconds = now->system_cpu_seconds - usage->system_cpu_seconds;
      result.broker_rss_bytes = now->rss_bytes;
    }
    result.sent = traffic.sent() - sent;
    result.delivered = traffic.delivered() - delivered;
    result.lost = traffic.skipped() - skipped;
    result.repeated = traffic.repeated() - repeated;
    result.failure = judge(result, options.qos);
  } catch (const std::runtime_error& error) {
    result.failure = error.what();
  }
  return result;
}

} // namespace actorbus::demos
