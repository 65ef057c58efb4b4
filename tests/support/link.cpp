#include "link.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace actorbus::conformance {

namespace {

/// @returns the number of leading bytes that agree
std::size_t agreeing(const byte_pattern& expected, const byte_vector& got) {
  std::size_t i = 0;
  while (i < expected.size() && i < got.size() && (expected[i] == any_byte || expected[i] == got[i]))
    ++i;
  return i;
}

std::string shortened(std::string hex) {
  constexpr std::size_t limit = 600;
  if (hex.size() > limit)
    hex = hex.substr(0, limit) + " …";
  return hex;
}

} // namespace

bool link::more() {
  if (closed_)
    return false;
  auto got = wire_->read(patience);
  closed_ = got.closed;
  input_.insert(input_.end(), got.received.begin(), got.received.end());
  return !got.received.empty();
}

std::optional<packet> link::first_packet() const {
  if (input_.empty())
    return std::nullopt;
  try {
    return read_packet(input_, version_);
  } catch (const std::exception& problem) {
    FAIL("the broker sent " << problem.what() << ": " << shortened(to_hex(input_)));
    throw;
  }
}

packet link::expect_bytes(const byte_pattern& expected) {
  while (input_.size() < expected.size() && agreeing(expected, input_) == input_.size())
    if (!more())
      break;
  const auto same = agreeing(expected, input_);
  if (same < expected.size())
    FAIL("different from byte " << same << " on" << (closed_ ? " (the broker closed)" : "") << "\nexpected: "
                                << shortened(to_hex(expected)) << "\nreceived: " << shortened(to_hex(input_)));
  SUCCEED("as expected");
  const auto result = first_packet();
  input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(expected.size()));
  return result.value_or(packet{});
}

packet link::receive() {
  for (;;) {
    if (auto result = first_packet()) {
      input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(result->raw.size()));
      return *result;
    }
    if (!more())
      FAIL("no packet" << (closed_ ? ": the broker closed" : " in time")
                       << "\nreceived: " << shortened(to_hex(input_)));
  }
}

std::optional<packet> link::receive_or_end() {
  while (!closed_ && !first_packet() && more()) {}
  if (input_.empty() && closed_)
    return std::nullopt;
  return receive();
}

packet link::receive(packet_type type) {
  auto result = receive();
  INFO("received: " << shortened(to_hex(result.raw)));
  REQUIRE(static_cast<int>(result.type) == static_cast<int>(type));
  return result;
}

packet link::receive_ahead(packet_type type) {
  byte_vector before;
  for (;;) {
    auto next = receive();
    if (next.type == type) {
      input_.insert(input_.begin(), before.begin(), before.end());
      return next;
    }
    before.insert(before.end(), next.raw.begin(), next.raw.end());
  }
}

void link::expect_acknowledgement(packet_type type, std::uint16_t id) {
  const auto got = receive(type);
  INFO("received: " << to_hex(got.raw));
  REQUIRE(static_cast<int>(got.flags) == (type == packet_type::pubrel ? 2 : 0));
  REQUIRE(got.id == id);
  REQUIRE(static_cast<int>(got.reason()) < 0x80);
}

void link::expect_closed() {
  while (!closed_ && input_.empty() && more()) {}
  INFO("received: " << shortened(to_hex(input_)));
  REQUIRE(input_.empty());
  REQUIRE(closed_);
}

void link::expect_ended(const std::vector<std::uint8_t>& reasons) {
  if (version_ == version::v5) {
    while (!closed_ && !first_packet() && more()) {}
    if (!reasons.empty() || first_packet()) {
      const auto got = receive(packet_type::disconnect);
      INFO("received: " << to_hex(got.raw));
      INFO("one of these reason codes: " << to_hex(reasons));
      if (reasons.empty())
        CHECK(static_cast<int>(got.reason()) >= 0x80);
      else
        CHECK(std::count(reasons.begin(), reasons.end(), got.reason()) == 1);
    }
  }
  expect_closed();
}

std::optional<packet> link::refused() {
  while (!closed_ && !first_packet() && more()) {}
  std::optional<packet> answer;
  if (!input_.empty())
    answer = receive(packet_type::connack);
  expect_closed();
  return answer;
}

void link::expect_not_granted() {
  while (!closed_ && !first_packet() && more()) {}
  const auto first = first_packet();
  if (!first || first->type != packet_type::suback) {
    expect_ended({});
    return;
  }
  const auto answer = receive();
  INFO("received: " << to_hex(answer.raw));
  REQUIRE(answer.reasons.size() == 1);
  CHECK(static_cast<int>(answer.reason()) >= 0x80);
}

void link::ping() {
  send("c0 00");
  expect("d0 00");
}

} // namespace actorbus::conformance
