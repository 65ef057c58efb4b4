#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <actorbus/actors/caf.hpp>

namespace actorbus::demos {

/// How long things took. Keeps no more than counts, in steps of a sixteenth of the power of two
/// below: percentiles are right to some six per cent.
class latency_histogram {
public:
  void add(duration what) noexcept;
  void clear() noexcept { *this = {}; }

  std::uint64_t count() const noexcept { return count_; }

  // Milliseconds; 0 where there is nothing.
  double mean_ms() const noexcept;
  double maximum_ms() const noexcept;
  /// What the part `part` (0 to 1) of all did not exceed.
  double percentile_ms(double part) const noexcept;

private:
  static constexpr unsigned step_bits = 4; ///< 16 steps for each power of two
  static constexpr std::size_t steps = std::size_t{64} << step_bits;

  static std::size_t step_of(std::uint64_t microseconds) noexcept;
  static std::uint64_t end_of(std::size_t step) noexcept;

  std::array<std::uint64_t, steps> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0; ///< microseconds, as the next
  std::uint64_t maximum_ = 0;
};

} // namespace actorbus::demos
