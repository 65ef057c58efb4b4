// Readers that look topics up while the writer changes the table.

#include <actorbus/actors/router.hpp>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "router_fixture.hpp"

using namespace actorbus;
using namespace actorbus::routing;

namespace {

/// Looks topics up until told to stop, and counts what must not be.
struct reader {
  const router& table;
  const std::atomic<bool>& stop;
  std::uint32_t seed;
  std::size_t faults = 0;
  std::size_t found = 0;

  void operator()() {
    std::mt19937 random{seed};
    std::vector<const route*> routes;
    while (!stop.load(std::memory_order_relaxed)) {
      routes.clear();
      routing_guard guard;
      for (int i = 0; i < 20; ++i) {
        check(*table.find("constant/" + std::to_string(random() % 4)));
        routes.push_back(table.find("changing/" + std::to_string(random() % 64)));
      }
      for (const auto* each : routes) // all are good until the guard ends
        look(*each);
    }
  }

  /// Sessions 1 to 8 are always subscribed, each once.
  void check(const route& constant) {
    std::uint64_t last = 0;
    std::size_t always = 0;
    for (const auto& each : constant.receivers) {
      faults += each.to->id <= last;
      last = each.to->id;
      always += last <= 8;
      faults += each.identifiers.size() != 1 || each.identifiers[0] != last;
    }
    faults += always != 8;
    look(constant);
  }

  void look(const route& any) {
    for (const auto& each : any.receivers)
      found += each.to->online.load() ? each.to->id : 0;
    for (const auto& each : any.groups)
      found += each->choose()->to->id;
  }
};

} // namespace

TEST_CASE("readers see whole routes while the table changes", "[router][threads]") {
  router table;
  subscription_options own;
  for (std::uint64_t id = 1; id <= 8; ++id) {
    own.identifier = static_cast<std::uint32_t>(id);
    auto who = make_subscriber(id);
    for (int i = 0; i < 4; ++i)
      table.subscribe(who, "constant/" + std::to_string(i), own);
  }
  std::atomic<bool> stop{false};
  std::vector<reader> readers;
  for (std::uint32_t seed = 1; seed <= 3; ++seed)
    readers.push_back({table, stop, seed});
  std::vector<std::thread> threads;
  for (auto& each : readers)
    threads.emplace_back(std::ref(each));

  std::mt19937 random{7};
  std::uint64_t last_id = 8;
  std::vector<std::shared_ptr<subscriber>> sessions;
  for (int step = 0; step < 5'000; ++step) {
    if (sessions.size() < 16)
      sessions.push_back(make_subscriber(++last_id));
    auto& who = sessions[random() % sessions.size()];
    own.identifier = static_cast<std::uint32_t>(who->id);
    auto number = std::to_string(random() % 64);
    switch (random() % 6) {
    case 0: table.subscribe(who, "constant/" + std::to_string(random() % 4), own); break;
    case 1: table.subscribe(who, "changing/" + number, own); break;
    case 2: table.subscribe(who, "$share/g/changing/" + number, own); break;
    case 3: table.unsubscribe(*who, "constant/" + std::to_string(random() % 4)); break;
    case 4: table.subscribe(who, "changing/+", own); break;
    case 5:
      table.remove(*who);
      std::swap(who, sessions.back());
      sessions.pop_back();
      break;
    }
    if (step % 20 == 0)
      table.collect();
  }
  stop = true;
  for (auto& each : threads)
    each.join();
  for (const auto& each : readers)
    CHECK(each.faults == 0);
}
