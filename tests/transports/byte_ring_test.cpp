#include <actorbus/transports/byte_ring.hpp>

#include <deque>
#include <random>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace actorbus::transports;

namespace {

using bytes = std::vector<std::uint8_t>;

constexpr std::size_t capacity = 4096;

struct ring {
  ring_control shared;
  bytes memory = bytes(capacity);
  ring_writer writer{shared, memory.data(), capacity};
  ring_reader reader{shared, memory.data(), capacity};

  std::optional<std::size_t> write(const bytes& what) {
    const iovec piece{const_cast<std::uint8_t*>(what.data()), what.size()};
    return writer.write({&piece, 1});
  }

  bytes read(std::size_t most = capacity) {
    bytes result(most);
    const iovec piece{result.data(), result.size()};
    result.resize(reader.read({&piece, 1}).value());
    return result;
  }
};

bytes counted(std::size_t size, std::uint8_t from = 0) {
  bytes result(size);
  for (auto& each : result)
    each = from++;
  return result;
}

} // namespace

TEST_CASE("what is written into a ring is read from it, across its end too") {
  ring at;
  for (int turn = 0; turn < 10; ++turn) {
    const auto some = counted(1000, static_cast<std::uint8_t>(turn));
    CHECK(at.write(some) == 1000);
    CHECK(at.read() == some);
  }
  CHECK(at.read().empty());
}

TEST_CASE("a ring takes as much as it has room for") {
  ring at;
  CHECK(at.write(counted(5000)) == capacity);
  CHECK(at.write(counted(1)) == 0);
  CHECK(at.read(96) == counted(96));
  CHECK(at.write(counted(500)) == 96);
}

TEST_CASE("several pieces are one write, and one read fills several") {
  ring at;
  auto first = counted(10), second = counted(20, 10);
  const iovec from[] = {{first.data(), 10}, {nullptr, 0}, {second.data(), 20}};
  CHECK(at.writer.write(from) == 30);
  bytes head(7), tail(100);
  const iovec into[] = {{head.data(), 7}, {tail.data(), 100}};
  CHECK(at.reader.read(into) == 30);
  tail.resize(23);
  head.insert(head.end(), tail.begin(), tail.end());
  CHECK(head == counted(30));
}

TEST_CASE("a random course of writes and reads loses no byte and changes none") {
  const auto seed = GENERATE(1u, 2u, 3u);
  std::minstd_rand random{seed};
  ring at;
  std::deque<std::uint8_t> model;
  std::uint8_t next = 0;
  for (int step = 0; step < 20'000; ++step) {
    const auto size = random() % (random() % 3 == 0 ? 5000 : 40);
    if (random() % 2 == 0) {
      const auto offered = counted(size, next);
      const auto taken = at.write(offered).value();
      REQUIRE(taken == std::min<std::size_t>(size, capacity - model.size()));
      model.insert(model.end(), offered.begin(), offered.begin() + static_cast<std::ptrdiff_t>(taken));
      next = static_cast<std::uint8_t>(next + taken);
    } else {
      const auto got = at.read(size);
      REQUIRE(got.size() == std::min<std::size_t>(size, model.size()));
      REQUIRE(std::equal(got.begin(), got.end(), model.begin()));
      model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(got.size()));
    }
  }
}

TEST_CASE("a reader is woken once for what came while it slept, and not while it is awake") {
  ring at;
  at.write(counted(1));
  CHECK_FALSE(at.writer.must_wake_reader());
  CHECK_FALSE(at.reader.sleep()); // there is a byte
  at.write(counted(1));
  CHECK_FALSE(at.writer.must_wake_reader());
  at.read();
  CHECK(at.reader.sleep());
  at.write(counted(1));
  CHECK(at.writer.must_wake_reader());
  CHECK_FALSE(at.writer.must_wake_reader());
}

TEST_CASE("a writer is woken when half of the ring is free") {
  ring at;
  at.write(counted(capacity));
  CHECK(at.writer.sleep());
  at.read(capacity / 2 - 1);
  CHECK_FALSE(at.reader.must_wake_writer());
  CHECK_FALSE(at.writer.has_room());
  at.read(1);
  CHECK(at.writer.has_room());
  CHECK(at.reader.must_wake_writer());
  CHECK_FALSE(at.reader.must_wake_writer());
  CHECK_FALSE(at.writer.sleep());
}

TEST_CASE("positions that can't be end the ring and move no byte") {
  ring at;
  at.write(counted(100));
  SECTION("of the writer") {
    at.shared.written.store(GENERATE(as<std::uint64_t>{}, capacity + 1, ~0ULL, 1ULL << 63, 1ULL << 32));
    bytes into(capacity);
    const iovec piece{into.data(), into.size()};
    CHECK(at.reader.has_bytes()); // so that it is found out
    CHECK_FALSE(at.reader.read({&piece, 1}).has_value());
    CHECK(into == bytes(capacity));
  }
  SECTION("of the reader") {
    at.shared.taken.store(GENERATE(as<std::uint64_t>{}, 101, 5000, 1ULL << 63, 1ULL << 32));
    CHECK(at.writer.has_room());
    const auto before = at.memory;
    CHECK_FALSE(at.write(counted(capacity)).has_value());
    CHECK(at.memory == before);
  }
}

TEST_CASE("a position that goes back is a lie about the past that reaches no further than the ring") {
  ring at;
  at.write(counted(1000));
  at.read();
  at.shared.written.store(500); // behind what was read
  bytes into(capacity);
  const iovec piece{into.data(), into.size()};
  CHECK_FALSE(at.reader.read({&piece, 1}).has_value());
}

TEST_CASE("two threads pass bytes through a ring and none is lost, whoever sleeps") {
  ring at;
  constexpr std::size_t total = 3'000'000;
  std::atomic<int> bells_to_reader{0}, bells_to_writer{0};
  std::thread writer{[&] {
    std::minstd_rand random{7};
    std::uint8_t next = 0;
    for (std::size_t sent = 0; sent < total;) {
      const auto offered = counted(std::min<std::size_t>(random() % 900 + 1, total - sent), next);
      const auto taken = at.write(offered).value();
      sent += taken;
      next = static_cast<std::uint8_t>(next + taken);
      if (at.writer.must_wake_reader())
        bells_to_reader.fetch_add(1), bells_to_reader.notify_one();
      if (taken == 0 && at.writer.sleep()) {
        const auto before = bells_to_writer.exchange(0);
        if (before == 0)
          bells_to_writer.wait(0);
      }
    }
  }};
  std::minstd_rand random{8};
  std::uint8_t expected = 0;
  bool right = true;
  for (std::size_t got = 0; got < total;) {
    for (auto each : at.read(random() % 2000 + 1)) {
      right = right && each == expected++;
      ++got;
    }
    if (at.reader.must_wake_writer())
      bells_to_writer.fetch_add(1), bells_to_writer.notify_one();
    if (got < total && at.reader.sleep() && bells_to_reader.exchange(0) == 0)
      bells_to_reader.wait(0);
  }
  writer.join();
  CHECK(right);
}
