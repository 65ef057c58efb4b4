#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace actorbus {

/// Hashes a topic or one level of it, eight bytes at a time: the product of 64-bit numbers,
/// its halves folded together, is where the mixing comes from (after wyhash).
/// @param seed unknown to clients, lest they choose levels that collide
inline std::uint64_t level_hash(std::string_view text, std::uint64_t seed) noexcept {
  __extension__ using wide = unsigned __int128;
  auto mix = [](std::uint64_t a, std::uint64_t b) {
    auto product = static_cast<wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15u;
  auto hash = seed ^ (text.size() + 1) * odd;
  const auto* at = text.data();
  auto left = text.size();
  for (; left > 8; left -= 8, at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    hash = mix(hash ^ word, 0xA0761D6478BD642Fu);
  }
  std::uint64_t word = 0;
  if (left == 8)
    std::memcpy(&word, at, 8);
  else if (left >= 4) {
    std::uint32_t low;
    std::uint32_t high;
    std::memcpy(&low, at, 4);
    std::memcpy(&high, at + left - 4, 4);
    word = static_cast<std::uint64_t>(high) << 32 | low;
  } else if (left > 0) {
    auto byte = [at](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(at[i])}; };
    word = byte(0) << 16 | byte(left / 2) << 8 | byte(left - 1);
  }
  return mix(hash ^ word, 0xE7037ED1A0B428DBu);
}

} // namespace actorbus
