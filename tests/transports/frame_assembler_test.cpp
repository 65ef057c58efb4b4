#include "scripted.hpp"

#include <algorithm>
#include <cstring>
#include <random>

#include <actorbus/transports/frame_assembler.hpp>

using namespace actorbus;
using namespace actorbus::transports;
using namespace actorbus::transports::testing;

namespace {

/// Feeds an assembler as a socket would, `step` bytes at a time.
struct feeder {
  frame_assembler assembler;
  buffer_ptr block;
  std::size_t limit = 1'000'000;
  credit_account_ptr account = std::make_shared<credit_account>(1u << 30);
  std::vector<bytes> frames;
  protocol::errc fault = protocol::errc::none;

  void keep(const frame_assembler::result& from) {
    for (std::size_t i = 0; i < from.count; ++i)
      frames.push_back(to_bytes(from.frames[i]));
    fault = from.fault;
  }

  /// @returns how many bytes went in
  std::size_t read(std::span<const std::uint8_t> from, std::size_t step, bool only_one = false) {
    if (!block)
      block = buffer::make(64 * 1024);
    std::array<iovec, 2> into;
    std::size_t total = 0;
    for (auto piece : assembler.where(*block, into)) {
      auto size = std::min({piece.iov_len, from.size() - total, step - total});
      std::memcpy(piece.iov_base, from.data() + total, size);
      total += size;
    }
    keep(only_one ? assembler.cut_one(total, block, limit, account) : assembler.cut(total, block, limit, account));
    return total;
  }

  void feed(std::span<const std::uint8_t> from, std::size_t step) {
    while (!from.empty() && fault == protocol::errc::none)
      from = from.subspan(read(from, step));
  }

  bytes all() const {
    bytes result;
    for (const auto& each : frames)
      result.insert(result.end(), each.begin(), each.end());
    return result;
  }
};

void append(bytes& to, const bytes& more) {
  to.insert(to.end(), more.begin(), more.end());
}

} // namespace

TEST_CASE("packets of every length form are cut alike at any step") {
  bytes stream;
  for (std::size_t size : {0, 1, 124, 125, 126, 127, 128, 129, 200, 16380, 16381, 16382, 16383, 16384, 40000, 70000, 3})
    append(stream, publish_packet(size));
  append(stream, {0xC0, 0x00, 0xE0, 0x00});
  for (std::size_t step : {1, 2, 3, 7, 100, 1000, 16384, 65536, 100000}) {
    feeder at;
    at.feed(stream, step);
    CHECK((at.all() == stream));
    CHECK(at.assembler.held_bytes() == 0);
    CHECK(at.fault == protocol::errc::none);
    for (const auto& each : at.frames)
      CHECK((each.front() == 0x30 || each.front() == 0xC0 || each.front() == 0xE0));
  }
}

TEST_CASE("a fault is found behind whole packets, which are handed on") {
  struct broken {
    bytes packet;
    protocol::errc fault;
  };
  const broken kinds[] = {
      {{0x30, 0x80, 0x00}, protocol::errc::length_not_shortest_form},
      {{0x30, 0xFF, 0xFF, 0xFF, 0xFF}, protocol::errc::length_too_long},
      {{0x30, 0xF0, 0x01, 0x00}, protocol::errc::packet_too_large},
      {{0x00, 0x00}, protocol::errc::reserved_packet_type},
      {{0xC1, 0x00}, protocol::errc::reserved_flags},
  };
  for (const auto& kind : kinds) {
    for (std::size_t step : {1, 50, 1000}) {
      feeder at;
      at.limit = 150;
      bytes good;
      for (std::size_t i = 0; i < 5; ++i)
        append(good, publish_packet(i * 30));
      auto stream = good;
      append(stream, kind.packet);
      append(stream, publish_packet(1));
      at.feed(stream, step);
      CHECK(at.all() == good);
      CHECK(at.fault == kind.fault);
      CHECK(at.assembler.held_bytes() == 0);
    }
  }
}

TEST_CASE("random packets at random steps come out as they went in") {
  std::minstd_rand random{7};
  for (int round = 0; round < 50; ++round) {
    bytes stream;
    while (stream.size() < 300'000)
      append(stream,
             publish_packet(random() % (random() % 10 ? 300 : 100'000), static_cast<std::uint8_t>(stream.size())));
    feeder at;
    for (std::span<const std::uint8_t> rest = stream; !rest.empty();)
      rest = rest.subspan(at.read(rest, 1 + random() % 90'000));
    CHECK((at.all() == stream));
  }
}

TEST_CASE("what follows the first packet is held as it is until it is asked for") {
  feeder at;
  auto stream = connect_packet();
  bytes rest = publish_packet(10);
  append(rest, publish_packet(300));
  append(stream, rest);
  append(stream, {0x30, 0x05, 0x00});
  at.read(stream, stream.size(), true);
  REQUIRE(at.frames.size() == 1);
  CHECK(at.assembler.held_bytes() == rest.size() + 3);
  at.keep(at.assembler.resume(at.block, at.limit, at.account));
  REQUIRE(at.frames.size() == 2);
  CHECK(at.frames[1] == rest);
  CHECK(at.assembler.held_bytes() == 3);
  at.feed(bytes{0x01, 't', 'x', 'y'}, 4);
  CHECK(at.frames[2] == bytes{0x30, 0x05, 0x00, 0x01, 't', 'x', 'y'});
}

TEST_CASE("the account is charged for what was handed on, as long as it lives") {
  feeder at;
  at.block = buffer::make(64 * 1024);
  auto small = publish_packet(100);
  auto large = publish_packet(100'000);

  std::memcpy(at.block->data(), small.data(), small.size());
  auto cut = at.assembler.cut(small.size(), at.block, at.limit, at.account);
  CHECK(at.account->used_bytes() == small.size());
  cut = {};
  CHECK(at.account->used_bytes() == 0);

  std::memcpy(at.block->data(), large.data(), 60'000);
  cut = at.assembler.cut(60'000, at.block, at.limit, at.account);
  CHECK(cut.count == 0);
  CHECK(at.account->used_bytes() == 0); // not while its packet is incomplete
  std::array<iovec, 2> into;
  std::memcpy(at.assembler.where(*at.block, into)[0].iov_base, large.data() + 60'000, large.size() - 60'000);
  cut = at.assembler.cut(large.size() - 60'000, at.block, at.limit, at.account);
  REQUIRE(cut.count == 1);
  CHECK((to_bytes(cut.frames[0]) == large));
  CHECK(at.account->used_bytes() == large.size());
  cut = {};
  CHECK(at.account->used_bytes() == 0);
}
