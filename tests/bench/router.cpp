// What the routing table costs with a million exact and a thousand wildcard subscriptions:
//   subscribe   per subscription; counts bytes (resident memory) a subscription, index included
//   find        cached: the same topic again, few topics, many; uncached: after a write
//   fan-out     walking a route of many receivers
// Topics are "site/42/dev/4242/temp" in a scattered order.

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <actorbus/actors/router.hpp>

namespace {

using namespace actorbus;

constexpr std::size_t exact = 1'000'000;
constexpr std::size_t sites = 1'000;

std::string topic_of(std::size_t device) {
  return "site/" + std::to_string(device % sites) + "/dev/" + std::to_string(device) + "/temp";
}

/// The devices in an order without pattern.
std::size_t scattered(std::size_t i) {
  return i * 7'919 % exact;
}

std::vector<std::shared_ptr<subscriber>> make_subscribers(std::size_t count) {
  std::vector<std::shared_ptr<subscriber>> made;
  for (std::size_t i = 0; i < count; ++i) {
    made.push_back(std::make_shared<subscriber>());
    made.back()->id = i + 1;
  }
  return made;
}

double resident_bytes() {
  std::ifstream status{"/proc/self/statm"};
  double total = 0;
  double resident = 0;
  status >> total >> resident;
  return resident * 4096;
}

struct table_of_a_million {
  explicit table_of_a_million(std::size_t sessions) : subscribers(make_subscribers(sessions)) {}

  void add_exact(const std::vector<std::string>& topics) {
    for (std::size_t i = 0; i < topics.size(); ++i)
      table.subscribe(subscribers[i % subscribers.size()], topics[i], {});
  }

  void add_wildcards() {
    for (std::size_t i = 0; i < sites; ++i)
      table.subscribe(subscribers[i % subscribers.size()], "site/" + std::to_string(i) + "/+/+/temp", {});
    for (std::size_t i = 0; i < 3; ++i)
      table.subscribe(subscribers[i], "site/#", {});
  }

  std::vector<std::shared_ptr<subscriber>> subscribers;
  router table;
};

const std::vector<std::string>& all_topics() {
  static const auto topics = [] {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < exact; ++i)
      made.push_back(topic_of(scattered(i)));
    return made;
  }();
  return topics;
}

router& full_table() {
  static auto& full = *[] {
    auto* made = new table_of_a_million{10'000};
    made->add_exact(all_topics());
    made->add_wildcards();
    return made;
  }();
  return full.table;
}

void subscribe_a_million(benchmark::State& state) {
  const auto& topics = all_topics();
  for (auto _ : state) {
    state.PauseTiming();
    auto full = std::make_unique<table_of_a_million>(static_cast<std::size_t>(state.range(0)));
    auto before = resident_bytes();
    state.ResumeTiming();
    full->add_exact(topics);
    state.PauseTiming();
    state.counters["bytes"] = (resident_bytes() - before) / static_cast<double>(exact);
    full.reset();
    state.ResumeTiming();
  }
  state.counters["each"] = benchmark::Counter(
      static_cast<double>(exact), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(subscribe_a_million)
    ->ArgName("sessions")
    ->Arg(10'000)
    ->Arg(1'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

void subscribe_and_unsubscribe(benchmark::State& state) {
  auto& table = full_table();
  auto who = make_subscribers(1).front();
  who->id = 20'000;
  std::size_t i = 0;
  for (auto _ : state) {
    auto filter = topic_of(scattered(++i)) + "/extra";
    table.subscribe(who, filter, {});
    table.unsubscribe(*who, filter);
  }
}
BENCHMARK(subscribe_and_unsubscribe);

/// The same with a grace period each time, as after the only write of a batch.
void subscribe_and_collect(benchmark::State& state) {
  auto& table = full_table();
  auto who = make_subscribers(1).front();
  who->id = 20'000;
  for (auto _ : state) {
    table.subscribe(who, "single", {});
    table.unsubscribe(*who, "single");
    table.collect();
  }
}
BENCHMARK(subscribe_and_collect);

/// One of 100 000 subscribers of the same filter leaves and comes back.
void leave_a_crowd(benchmark::State& state) {
  auto crowd = make_subscribers(100'000);
  router table;
  for (const auto& each : crowd)
    table.subscribe(each, "news", {});
  std::size_t i = 0;
  for (auto _ : state) {
    const auto& who = crowd[scattered(++i) % crowd.size()];
    table.unsubscribe(*who, "news");
    table.subscribe(who, "news", {});
  }
}
BENCHMARK(leave_a_crowd);

/// Looks up so many topics in turn, under one guard each 64.
void find_cached(benchmark::State& state) {
  auto& table = full_table();
  auto count = static_cast<std::size_t>(state.range(0));
  std::vector<std::string> topics(all_topics().begin(), all_topics().begin() + state.range(0));
  std::size_t i = 0;
  std::size_t receivers = 0;
  for (auto _ : state) {
    routing_guard guard;
    for (int batch = 0; batch < 64; ++batch) {
      receivers += table.find(topics[i])->receivers.size();
      i = i + 1 == count ? 0 : i + 1;
    }
  }
  state.SetItemsProcessed(state.iterations() * 64);
  state.counters["receivers"] = static_cast<double>(receivers) / (64.0 * static_cast<double>(state.iterations()));
}
BENCHMARK(find_cached)->ArgName("topics")->Arg(1)->Arg(100)->Arg(2'000)->Arg(6'000);

/// Every topic is looked up once; a thousand keep to warm parts of the tree, a million don't.
void find_uncached(benchmark::State& state) {
  auto& table = full_table();
  const auto& topics = all_topics();
  auto count = static_cast<std::size_t>(state.range(0));
  auto who = make_subscribers(1).front();
  who->id = 20'000;
  std::size_t i = 0;
  subscription_options options;
  for (auto _ : state) {
    state.PauseTiming();
    options.identifier = options.identifier % 9 + 1; // a change: "+/…" concerns every topic
    table.subscribe(who, "+/nobody/publishes/this", options);
    state.ResumeTiming();
    routing_guard guard;
    for (int batch = 0; batch < 1'000; ++batch) {
      benchmark::DoNotOptimize(table.find(topics[i]));
      i = i + 1 == count ? 0 : i + 1;
    }
  }
  state.SetItemsProcessed(state.iterations() * 1'000);
}
BENCHMARK(find_uncached)->ArgName("topics")->Arg(1'000)->Arg(1'000'000);

void walk_fan_out(benchmark::State& state) {
  auto crowd = make_subscribers(static_cast<std::size_t>(state.range(0)));
  router table;
  for (const auto& each : crowd)
    table.subscribe(each, "news", {});
  std::uint64_t total = 0;
  for (auto _ : state) {
    routing_guard guard;
    for (const auto& each : table.find("news")->receivers)
      total += each.maximum_qos == protocol::qos{} && each.identifiers.empty() ? each.to->id : 0;
  }
  benchmark::DoNotOptimize(total);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(walk_fan_out)->ArgName("receivers")->Arg(100)->Arg(10'000);

void build_fan_out(benchmark::State& state) {
  auto crowd = make_subscribers(static_cast<std::size_t>(state.range(0)));
  router table;
  for (const auto& each : crowd)
    table.subscribe(each, "news", {});
  subscription_options options;
  for (auto _ : state) {
    options.identifier = options.identifier % 9 + 1;
    table.subscribe(crowd[0], "news", options);
    routing_guard guard;
    benchmark::DoNotOptimize(table.find("news"));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(build_fan_out)->ArgName("receivers")->Arg(1)->Arg(100)->Arg(100'000);

void guard_alone(benchmark::State& state) {
  for (auto _ : state)
    routing_guard guard;
}
BENCHMARK(guard_alone);

} // namespace

BENCHMARK_MAIN();
