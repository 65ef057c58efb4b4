#include "bus_fixture.hpp"

#include <actorbus/actors/client_actor.hpp>

#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

namespace actorbus::test {

namespace {

constexpr std::size_t stalled_max = 2 * 1024;
constexpr std::size_t queued_max = 8 * 1024;
constexpr std::size_t payload_bytes = 500;
constexpr int publishes = 300;

/// A thousand subscribers that never read, one that does, and a publisher that doesn't care.
struct flooded_bus : bus_fixture {
  flooded_bus()
      : bus_fixture{{.queued_bytes_max = queued_max,
                     .outbound_bytes_max = 16 * 1024,
                     .outbound_total_bytes_max = 256 * 1024,
                     .stalled_bytes_max = stalled_max}} {}

  ~flooded_bus() {
    caf::anon_send_exit(publisher, caf::exit_reason::user_shutdown);
    world.run();
  }

  void subscribe_all(const char* maximum_qos) {
    for (int i = 0; i < 1000; ++i) {
      deaf.push_back(client());
      deaf.back()->post_packets(connect_text("deaf-" + std::to_string(i)));
      world.run();
      deaf.back()->post_packets("82 [ 0001 00 s't' {} ]", std::string{maximum_qos});
      deaf.back()->reads(false);
    }
    reader->send(connect_text("reader"));
    reader->send("82 [ 0001 00 s't' 00 ]");
    post(publisher, connect_request{}, nullptr);
    world.run();
  }

  /// @returns how many of its publishes completed
  int flood(protocol::qos quality) {
    auto completed = std::make_shared<int>(0);
    for (int i = 0; i < publishes; ++i) {
      outgoing_message message{"t", std::to_string(i) + std::string(payload_bytes, ' '), quality};
      post(publisher, publish_request{std::move(message), [completed](const outcome&) { ++*completed; }}, nullptr);
      world.run(); // the reader keeps up
    }
    return *completed;
  }

  std::size_t in_flight() const {
    std::size_t sum = 0;
    for (const auto& each : deaf)
      sum += each->bytes_in_flight();
    return sum;
  }

  /// The numbers that the reader got, one behind the other.
  std::string read_numbers() {
    std::string result;
    const auto words = reader->received();
    for (auto at = words.find("PUBLISH t '"); at != std::string::npos; at = words.find("PUBLISH t '", at + 1))
      result += words.substr(at + 11, words.find(' ', at + 11) - at - 11) + " ";
    return result;
  }

  std::vector<std::unique_ptr<memory_client>> deaf;
  std::unique_ptr<memory_client> reader = client();
  caf::actor publisher = subject->spawn_client({.credit_bytes = 64 * 1024}, {});
};

std::string all_numbers() {
  std::string result;
  for (int i = 0; i < publishes; ++i)
    result += std::to_string(i) + " ";
  return result;
}

} // namespace

TEST_CASE_METHOD(flooded_bus, "a thousand that never read lose QoS 0, and nobody else does", "[back_pressure]") {
  subscribe_all("00");
  CHECK(flood(protocol::qos::at_most_once) == publishes);
  CHECK(read_numbers() == all_numbers());
  CHECK(in_flight() <= deaf.size() * (stalled_max + 2 * payload_bytes) + 256 * 1024);
  CHECK(counters().publishes_dropped > 900 * (publishes - 40));
}

TEST_CASE_METHOD(flooded_bus, "a thousand that never read keep QoS 1 to their limits, and hold nobody up",
                 "[back_pressure]") {
  subscribe_all("01");
  CHECK(flood(protocol::qos::at_least_once) == publishes);
  CHECK(read_numbers() == all_numbers());
  CHECK(in_flight() <= deaf.size() * (stalled_max + 2 * payload_bytes) + 256 * 1024);
  // What was sent and what waits: a session keeps each until it is acknowledged.
  const auto kept_each = queued_max / payload_bytes;
  CHECK(counters().publishes_dropped >= 1000 * (publishes - kept_each));
}

TEST_CASE_METHOD(flooded_bus, "one that reads again gets what waited for it, in order", "[back_pressure]") {
  subscribe_all("01");
  flood(protocol::qos::at_least_once);
  auto& late = *deaf.front();
  late.reads(true);
  const auto words = late.received();
  auto last = -1;
  auto count = 0;
  for (auto at = words.find("PUBLISH t '"); at != std::string::npos; at = words.find("PUBLISH t '", at + 1)) {
    const auto number = std::stoi(words.substr(at + 11));
    CHECK(number == last + 1);
    last = number;
    ++count;
  }
  CHECK(count > 4);
  CHECK(late.bytes_in_flight() == 0);
}

} // namespace actorbus::test
