#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>

#include <actorbus/actors/caf.hpp>

namespace actorbus {

/// Which address a bridge dials next, and when: one after the other without a pause, then a pause
/// that doubles each round. Plain: no actor, no clock.
class bridge_dialing {
public:
  using milliseconds = std::chrono::milliseconds;

  /// @param addresses how many there are, at least 1
  /// @param seed      of the jitter: a random part of up to a half is left off each pause
  bridge_dialing(std::size_t addresses, milliseconds retry_min, milliseconds retry_max,
                 std::uint64_t seed)
      : addresses_(addresses), min_(retry_min), max_(retry_max), random_(seed) {}

  /// The address to dial now.
  std::size_t current() const noexcept { return current_; }

  /// It could not be reached, or has refused. @returns how long to wait before the next dial
  milliseconds failed() {
    current_ = (current_ + 1) % addresses_;
    if (++tried_ < addresses_)
      return milliseconds{0};
    return pause();
  }

  /// It is connected. The count of failures begins anew once it was up for some time.
  void succeeded() noexcept { tried_ = 0; }

  /// The connection is gone. @param lasted how long it was up
  /// @returns how long to wait before the same address is dialled again
  milliseconds lost(duration lasted) {
    if (lasted >= max_)
      pause_ = milliseconds{0};
    tried_ = 0;
    return pause();
  }

  /// Back to the first address.
  void restart() noexcept { current_ = tried_ = 0; }

private:
  milliseconds pause() {
    tried_ = 0;
    pause_ = pause_.count() == 0 ? min_ : std::min(pause_ * 2, max_);
    auto share = std::uniform_int_distribution<std::int64_t>{pause_.count() / 2, pause_.count()};
    return milliseconds{share(random_)};
  }

  std::size_t addresses_;
  milliseconds min_;
  milliseconds max_;
  std::mt19937_64 random_;
  std::size_t current_ = 0;
  std::size_t tried_ = 0; ///< in this round
  milliseconds pause_{0};
};

} // namespace actorbus
