#include "bridge_fixture.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <map>
#include <random>
#include <sstream>

// Seeded runs of a bridge whose packets vanish at any point and whose link comes back: what was acknowledged arrives,
// at QoS 2 once, and in order. And of one that ends at any point besides, and forgets all it knew: what it had not
// handed on is still with the broker that it came from. `ACTORBUS_BRIDGE_SEEDS` sets how many runs there are.

namespace actorbus::test {

namespace {

using std::chrono::milliseconds;

struct cut_run : two_buses {
  /// @param its_ends the bridge ends and another begins, about so often in a hundred messages
  explicit cut_run(std::uint64_t seed, unsigned its_ends = 0) : random{seed}, ends{its_ends} {
    options.keep_alive_seconds = 4;
    options.connect_timeout = milliseconds{2'000};
    options.retry_max = milliseconds{2'000};
    options.inflight_max = static_cast<std::uint16_t>(1 + random() % 20);
    remote_limits.receive_maximum = static_cast<std::uint16_t>(1 + random() % 20);
    if (random() % 3 == 0)
      options.version = protocol::protocol_version::v3_1_1;
    begin({.filter = "#", .direction = bridge_direction::both});
    remote_client->subscribe("up/#", 2);
    local_client->subscribe("down/#", 2);
  }

  void publish() {
    const auto quality = static_cast<int>(1 + random() % 2);
    const auto up = random() % 2 == 0;
    const auto topic = (up ? "up/" : "down/") + std::to_string(quality);
    (up ? local_client : remote_client)->publish(topic, std::to_string(published[topic]++), quality);
  }

  void run() {
    for (int round = 0; round < 8; ++round) {
      control->vanish_after = static_cast<int>(random() % 60);
      for (auto count = random() % 40; count > 0; --count) {
        publish();
        if (random() % 8 == 0)
          world.advance(milliseconds{random() % 3'000});
        if (random() % 60 == 0 && control->current)
          cut();
        if (ends != 0 && random() % 100 < ends)
          begin_anew();
      }
      world.advance(milliseconds{random() % 20'000});
      control->silent = false;
      control->vanish_after = -1;
      world.advance(milliseconds{random() % 10'000});
    }
    for (int i = 0; i < 60; ++i)
      world.advance(milliseconds{1'000});
  }

  void begin_anew() {
    end();
    handle = begin_between(*local, remote->broker(), options.name);
    ++begun_anew;
  }

  /// What came on each topic, in order.
  std::map<std::string, std::vector<int>> arrived() {
    std::map<std::string, std::vector<int>> result;
    std::istringstream all{remote_client->messages() + " " + local_client->messages()};
    for (std::string each; all >> each;) {
      const auto equals = each.find('=');
      result[each.substr(0, equals)].push_back(std::stoi(each.substr(equals + 1)));
    }
    return result;
  }

  std::mt19937_64 random;
  unsigned ends;
  std::size_t begun_anew = 0;
  std::map<std::string, int> published;
};

std::uint64_t seeds_or(std::uint64_t otherwise) {
  const auto* wanted = std::getenv("ACTORBUS_BRIDGE_SEEDS"); // NOLINT(concurrency-mt-unsafe): one thread
  return wanted ? std::strtoul(wanted, nullptr, 10) : otherwise;
}

/// The first time that each number came.
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

TEST_CASE("a bridge that is cut and heals loses nothing, repeats no QoS 2, and keeps the order", "[bridge][cut]") {
  const auto seeds = seeds_or(12);
  std::size_t links = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    cut_run subject{seed};
    subject.run();
    auto arrived = subject.arrived();
    for (const auto& [topic, count] : subject.published) {
      INFO(topic);
      const auto& numbers = arrived[topic];
      if (topic.ends_with('2'))
        REQUIRE(numbers == up_to(count));
      else
        REQUIRE(without_repeats(numbers) == up_to(count));
    }
    links += subject.control->opened;
  }
  CHECK(links > 2 * seeds); // it was cut indeed
}

TEST_CASE_METHOD(two_buses, "a bridge that is cut behind any frame leaves nothing open at either broker",
                 "[bridge][cut]") {
  const auto is_up = GENERATE(true, false);
  const std::string topic = is_up ? "up" : "down";
  options.keep_alive_seconds = 4;
  options.retry_max = milliseconds{1'000};
  options.inflight_max = remote_limits.receive_maximum = 1; // what is left open stops all that follows
  begin({.filter = "#", .direction = bridge_direction::both});
  auto& from = is_up ? *local_client : *remote_client;
  auto& to = is_up ? *remote_client : *local_client;
  to.subscribe(topic, 2);
  std::string expected;
  for (int frames = 0; frames < 12; ++frames) {
    control->vanish_after = frames;
    from.publish(topic, std::to_string(frames), 2);
    pass(10);
    control->silent = false;
    control->vanish_after = -1;
    pass(10);
    expected += (frames == 0 ? "" : " ") + topic + "=" + std::to_string(frames);
  }
  CHECK(to.messages() == expected);
  CHECK(handle.status->queued == 0);
}

TEST_CASE("a bridge that ends at any time and begins anew loses nothing and keeps the order", "[bridge][cut]") {
  const auto seeds = seeds_or(12);
  std::size_t begun_anew = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    cut_run subject{seed, 5};
    subject.run();
    auto arrived = subject.arrived();
    for (const auto& [topic, count] : subject.published) {
      INFO(topic);
      REQUIRE(without_repeats(arrived[topic]) == up_to(count));
    }
    begun_anew += subject.begun_anew;
  }
  CHECK(begun_anew > seeds);
}

} // namespace actorbus::test
