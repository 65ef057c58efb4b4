#include "bus_fixture.hpp"

#include <actorbus/actors/bus_registry.hpp>
#include <actorbus/actors/system_config.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// Buses that are found by name inside the process, and buses that no one outside can reach.

namespace actorbus::test {

namespace {

/// What this process has open, each as "number -> target".
std::set<std::string> open_descriptors() {
  std::set<std::string> result;
  std::error_code ignored; // the descriptor that reads the folder is gone when it is looked at
  for (const auto& each : std::filesystem::directory_iterator{"/proc/self/fd"}) {
    auto target = std::filesystem::read_symlink(each.path(), ignored);
    if (!ignored && target.string().find("/fd") == std::string::npos)
      result.insert(each.path().filename().string() + " -> " + target.string());
  }
  return result;
}

} // namespace

TEST_CASE("a bus is found by its name for as long as it lives", "[named_bus]") {
  virtual_system world;
  CHECK_FALSE(find_bus("plant"));
  {
    bus subject{world.system(), {.name = "plant"}};
    CHECK(subject.name() == "plant");
    auto found = find_bus("plant");
    REQUIRE(found);
    CHECK(found->broker == subject.broker());
    CHECK(found->timekeeper == subject.timekeeper());
    CHECK(found->system == &world.system());
    CHECK_FALSE(find_bus("plan"));
  }
  CHECK_FALSE(find_bus("plant"));
  bus successor{world.system(), {.name = "plant"}};
  CHECK(find_bus("plant")->broker == successor.broker());
}

TEST_CASE("a bus without a name is not found", "[named_bus]") {
  virtual_system world;
  bus subject{world.system()};
  CHECK(subject.name().empty());
  CHECK_FALSE(find_bus(""));
}

TEST_CASE("a second bus of the same name is refused and leaves no actor", "[named_bus]") {
  virtual_system world;
  bus first{world.system(), {.name = "plant"}};
  world.run();
  const auto before = world.system().registry().running();
  CHECK_THROWS_WITH((bus{world.system(), {.name = "plant"}}), "bus name 'plant': another bus of this process has it");
  world.run();
  CHECK(world.system().registry().running() == before);
  CHECK(find_bus("plant")->broker == first.broker());
}

TEST_CASE("a name that a URL can't carry is refused", "[named_bus]") {
  virtual_system world;
  const auto* name = GENERATE("a/b", "a b", "a?b", "a#b", "user@a", "a:1");
  CHECK_THROWS_AS((bus{world.system(), {.name = name}}), std::invalid_argument);
}

TEST_CASE("two buses of one process keep their messages apart", "[named_bus]") {
  virtual_system world;
  bus plant{world.system(), {.name = "plant"}};
  bus office{world.system(), {.name = "office"}};
  memory_client in_plant{world, find_bus("plant")->broker};
  memory_client in_office{world, find_bus("office")->broker};
  for (auto* each : {&in_plant, &in_office}) {
    each->send(connect_text("same"));
    each->send("82 [ 0001 00 s'#' 00 ]");
  }
  CHECK(in_plant.send("30 [ s't' 00 'x' ]") == "PUBLISH t 'x'");
  CHECK(in_office.received() == "");
}

TEST_CASE("names are taken and freed by many threads at once", "[named_bus]") {
  virtual_system world;
  std::atomic<int> taken = 0;
  std::atomic<int> refused = 0;
  std::atomic<int> owners = 0;
  std::atomic<bool> shared = false;
  std::vector<std::thread> threads;
  for (auto number = 0; number < 4; ++number)
    threads.emplace_back([&] {
      for (auto round = 0; round < 1000; ++round) {
        try {
          bus_name mine{"contended", found_bus{&world.system(), {}, {}}};
          if (owners.fetch_add(1) != 0)
            shared = true;
          ++taken;
          owners.fetch_sub(1);
        } catch (const std::invalid_argument&) {
          ++refused;
        }
        find_bus("contended");
      }
    });
  for (auto& each : threads)
    each.join();
  CHECK(taken + refused == 4000);
  CHECK(taken > 0);
  CHECK_FALSE(shared);
  CHECK_FALSE(find_bus("contended"));
}

TEST_CASE("a bus without listeners opens no descriptor, however it is used", "[named_bus]") {
  const auto before = open_descriptors();
  REQUIRE(before.size() >= 3); // the folder can be read here: standard input, output and error are in it
  system_config config{2};
  caf::actor_system system{config};
  bus subject{system, {.name = "quiet"}};
  auto a = subject.connect();
  auto b = subject.connect();
  REQUIRE(b.subscribe("t").get());
  REQUIRE(a.publish("t", "x", protocol::qos::exactly_once).get());
  REQUIRE(b.receive(std::chrono::seconds{60}));
  CHECK(open_descriptors() == before);
}

} // namespace actorbus::test
