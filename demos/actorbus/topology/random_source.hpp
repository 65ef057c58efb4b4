#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

namespace actorbus::demos {

/// Random numbers that are the same everywhere for the same seed (splitmix64, by Sebastiano Vigna,
/// public domain).
class random_source {
public:
  explicit random_source(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    auto z = state_ += 0x9E37'79B9'7F4A'7C15;
    z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
    z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
    return z ^ (z >> 31);
  }

  /// Even between -1 and 1.
  double symmetric() noexcept { return static_cast<double>(next() >> 11) * 0x1p-52 - 1.0; }

  /// Even from 0 to 1, without 1.
  double even() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// Of the exponential distribution with mean 1: the pauses of a Poisson process.
  double exponential() noexcept { return -std::log1p(-even()); }

  /// Of the normal distribution with mean 0 and deviation 1 (Box and Muller's method).
  double normal() noexcept {
    auto radius = std::sqrt(2 * exponential());
    return radius * std::cos(2 * std::numbers::pi * even());
  }

private:
  std::uint64_t state_;
};

/// A seed of its own for each name, whatever the order they come in.
constexpr std::uint64_t derived_seed(std::uint64_t seed, std::string_view name) noexcept {
  auto hash = seed ^ 0xCBF2'9CE4'8422'2325;
  for (auto c : name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x0000'0100'0000'01B3;
  return hash;
}

} // namespace actorbus::demos
