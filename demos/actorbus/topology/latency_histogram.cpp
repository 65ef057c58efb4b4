#include "topology/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace actorbus::demos {

namespace {

double to_ms(std::uint64_t microseconds) noexcept {
  return static_cast<double>(microseconds) / 1000;
}

} // namespace

// Up to 2^step_bits each microsecond has a step of its own, then the highest bits decide.
std::size_t latency_histogram::step_of(std::uint64_t microseconds) noexcept {
  auto bits = static_cast<unsigned>(std::bit_width(microseconds));
  if (bits <= step_bits)
    return microseconds;
  auto shift = bits - step_bits - 1;
  auto below = microseconds >> shift & ((1u << step_bits) - 1);
  return ((shift + 1) << step_bits) + below;
}

std::uint64_t latency_histogram::end_of(std::size_t step) noexcept {
  auto group = step >> step_bits;
  if (group == 0)
    return step;
  auto below = (std::uint64_t{1} << step_bits) + (step & ((1u << step_bits) - 1));
  return ((below + 1) << (group - 1)) - 1;
}

void latency_histogram::add(duration what) noexcept {
  auto count = std::chrono::duration_cast<std::chrono::microseconds>(what).count();
  auto microseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0));
  ++counts_[step_of(microseconds)];
  ++count_;
  sum_ += microseconds;
  maximum_ = std::max(maximum_, microseconds);
}

double latency_histogram::mean_ms() const noexcept {
  return count_ == 0 ? 0 : to_ms(sum_) / static_cast<double>(count_);
}

double latency_histogram::maximum_ms() const noexcept {
  return to_ms(maximum_);
}

double latency_histogram::percentile_ms(double part) const noexcept {
  auto wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count_)));
  std::uint64_t passed = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    passed += counts_[step];
    if (passed >= wanted && passed != 0)
      return to_ms(std::min(end_of(step), maximum_));
  }
  return 0;
}

} // namespace actorbus::demos
