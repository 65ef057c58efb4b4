// Wrong bytes in bulk: whatever comes in, a packet or a cause comes out. Each input lies in a heap
// block of its very size, so that the address sanitizer sees every read behind it.

#include <cstring>
#include <memory>
#include <random>

#include <catch2/catch.hpp>

#include <actorbus/protocol/frame.hpp>

#include "golden.hpp"
#include "same_packet.hpp"

using namespace actorbus::protocol;
using actorbus::conformance::to_hex;

namespace {

class exact_block {
public:
  explicit exact_block(byte_view bytes) : bytes_(new std::uint8_t[bytes.size()]), size_(bytes.size()) {
    if (!bytes.empty())
      std::memcpy(bytes_.get(), bytes.data(), bytes.size());
  }

  byte_view view() const { return {bytes_.get(), size_}; }

private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_;
};

/// Decodes `input`. What decodes is encoded and decoded again, and must be the same.
/// @returns whether it decoded
bool try_decode(byte_view input, protocol_version version, sender from) {
  exact_block block{input};
  auto first = read_packet(block.view(), version, from);
  if (!first) {
    if (first.error() == errc::none)
      FAIL_CHECK("an error without a cause: " << to_hex(input));
    return false;
  }
  byte_vector encoded;
  append(encoded, *first, version);
  exact_block again{encoded};
  auto second = read_packet(again.view(), version, from);
  if (!second)
    FAIL_CHECK(to_string(second.error()) << ": " << to_hex(input) << " as " << to_hex(encoded));
  else if (!is_same(*first, *second))
    FAIL_CHECK("differs: " << to_hex(input) << " as " << to_hex(encoded));
  return true;
}

void try_everywhere(byte_view input) {
  for (auto version : {v3_1, v3_1_1, v5})
    for (auto from : {sender::client, sender::server})
      try_decode(input, version, from);
}

/// The golden packets of manageable size.
std::vector<golden> small_packets() {
  std::vector<golden> result;
  for (const auto& each : golden_packets())
    if (each.encoded.size() < 200)
      result.push_back(each);
  return result;
}

/// `body` behind a first byte and its length.
byte_vector framed(std::uint8_t first, byte_view body) {
  byte_vector result{first};
  auto rest = body.size();
  for (; rest >= 128; rest /= 128)
    result.push_back(static_cast<std::uint8_t>(rest | 128));
  result.push_back(static_cast<std::uint8_t>(rest));
  result.insert(result.end(), body.begin(), body.end());
  return result;
}

} // namespace

TEST_CASE("a packet cut off anywhere is not complete") {
  for (const auto& each : small_packets())
    for (std::size_t size = 0; size < each.encoded.size(); ++size) {
      exact_block block{byte_view{each.encoded}.first(size)};
      auto frame = read_frame(block.view(), packet_size_bytes_max);
      if (!frame || frame->complete || frame->missing == 0)
        FAIL_CHECK(each.says << " cut to " << size);
    }
}

TEST_CASE("a body cut off anywhere is a packet or a cause") {
  for (const auto& each : small_packets()) {
    auto frame = read_frame(each.encoded, packet_size_bytes_max);
    auto body = byte_view{each.encoded}.subspan(frame->header.header_size);
    for (std::size_t size = 0; size < body.size(); ++size)
      try_decode(framed(each.encoded[0], body.first(size)), each.version, each.from);
  }
}

TEST_CASE("a byte too many is refused or belongs to a payload or list") {
  for (const auto& each : small_packets()) {
    auto type = type_of(each.value);
    auto frame = read_frame(each.encoded, packet_size_bytes_max);
    byte_vector body{each.encoded.begin() + frame->header.header_size, each.encoded.end()};
    body.push_back(0);
    auto is_accepted = try_decode(framed(each.encoded[0], body), each.version, each.from);
    INFO(each.says);
    auto ends_open = type == packet_type::publish || type == packet_type::suback ||
                     (type == packet_type::unsuback && each.version == v5);
    // A reason code, or the properties' length, that was left out.
    auto was_short = each.version == v5 && body.size() <= 4;
    if (!ends_open && !was_short)
      CHECK_FALSE(is_accepted);
  }
}

TEST_CASE("every flipped bit of a golden packet makes a packet or a cause") {
  for (const auto& each : small_packets())
    for (std::size_t bit = 0; bit < each.encoded.size() * 8; ++bit) {
      auto flipped = each.encoded;
      flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
      try_decode(flipped, each.version, each.from);
    }
}

TEST_CASE("every byte of a golden packet set to every edge value makes a packet or a cause") {
  for (const auto& each : small_packets())
    for (std::size_t at = 0; at < each.encoded.size(); ++at)
      for (auto value : {0x00, 0x01, 0x02, 0x7F, 0x80, 0xC0, 0xED, 0xFE, 0xFF}) {
        auto changed = each.encoded;
        changed[at] = static_cast<std::uint8_t>(value);
        try_decode(changed, each.version, each.from);
      }
}

TEST_CASE("random bytes make a packet or a cause") {
  std::mt19937 random{5};
  byte_vector input;
  for (int i = 0; i < 200'000; ++i) {
    input.resize(random() % 24);
    for (auto& byte : input)
      byte = static_cast<std::uint8_t>(random());
    try_decode(input, i % 3 == 0 ? v5 : i % 3 == 1 ? v3_1_1 : v3_1, i % 2 == 0 ? sender::client : sender::server);
  }
}

TEST_CASE("random bytes in a right frame make a packet or a cause") {
  std::mt19937 random{311};
  constexpr std::uint8_t firsts[]{0x10, 0x20, 0x30, 0x31, 0x32, 0x34, 0x3A, 0x40, 0x50,
                                  0x62, 0x70, 0x82, 0x90, 0xA2, 0xB0, 0xE0, 0xF0};
  byte_vector body;
  int accepted = 0;
  for (int i = 0; i < 100'000; ++i) {
    body.resize(random() % 40);
    for (auto& byte : body) // small values make lengths, identifiers and codes that fit
      byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 5);
    accepted += try_decode(framed(firsts[random() % std::size(firsts)], body), i % 2 == 0 ? v5 : v3_1_1,
                           i % 4 < 2 ? sender::client : sender::server);
  }
  CHECK(accepted > 1000);
}

TEST_CASE("golden packets with several random changes make a packet or a cause") {
  std::mt19937 random{50};
  auto packets = small_packets();
  int accepted = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto& each = packets[random() % packets.size()];
    auto changed = each.encoded;
    for (auto count = 1 + random() % 4; count > 0; --count) {
      auto at = random() % changed.size();
      switch (random() % 3) {
      case 0: changed[at] = static_cast<std::uint8_t>(random()); break;
      case 1:
        changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::uint8_t>(random() % 4));
        break;
      default:
        if (changed.size() > 2)
          changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
    if (changed.size() >= 2 && changed.size() < 130) // so that the length is seldom the fault
      changed[1] = static_cast<std::uint8_t>(changed.size() - 2);
    accepted += try_decode(changed, each.version, each.from);
  }
  CHECK(accepted > 1000); // else the changes are too wild to reach far
}

TEST_CASE("golden packets of one version mean a packet or a cause to the others") {
  for (const auto& each : small_packets())
    try_everywhere(each.encoded);
}
