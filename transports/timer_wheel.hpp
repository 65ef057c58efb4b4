#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <actorbus/actors/caf.hpp>

namespace actorbus::transports {

/// Deadlines of one I/O thread's connections. Setting and cancelling is O(1) and allocates
/// nothing, and the thread needs one timer for all of them. Coarse: a deadline is met up to 32 ms
/// late, never early.
class timer_wheel {
  struct link {
    link* previous = nullptr;
    link* next = nullptr;
  };

public:
  /// Something that has at most one deadline at a time. Lives in its owner.
  class entry : private link {
  public:
    entry() = default;
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;

    /// @pre in no wheel
    virtual ~entry() = default;

  private:
    friend class timer_wheel;

    /// The entry is out of the wheel.
    /// @param hurried before its time, by `hurry`
    virtual void on_deadline(bool hurried) = 0;

    std::int64_t due_ = 0; ///< ticks
  };

  timer_wheel() noexcept;
  timer_wheel(const timer_wheel&) = delete;
  timer_wheel& operator=(const timer_wheel&) = delete;

  /// Puts `what` in, or moves it.
  /// @returns true if `next()` has become earlier
  bool set(entry& what, time_point now, duration delay) noexcept;

  /// Takes `what` out; nothing happens if it isn't in.
  void cancel(entry& what) noexcept;

  bool empty() const noexcept { return size_ == 0; }

  /// When `advance` has to be called; nothing while the wheel is empty. Earlier than the first
  /// deadline when that one lies more than a turn (8 s) ahead.
  std::optional<time_point> next() const noexcept;

  /// Calls all that is due at `now`.
  void advance(time_point now);

  /// Calls everything now, due or not: for a shutdown that doesn't wait for time limits.
  void hurry();

private:
  static constexpr std::int64_t slot_count = 256;
  static constexpr duration tick = std::chrono::milliseconds{32};

  link& slot(std::int64_t index) noexcept {
    return slots_[static_cast<std::size_t>(index % slot_count)];
  }
  void unlink(entry& what) noexcept;
  void run(link& head, std::int64_t until, bool hurried);

  std::array<link, slot_count> slots_; ///< heads of circular lists
  std::size_t size_ = 0;
  std::int64_t current_ = 0; ///< all ticks up to this one have been run
  std::int64_t next_ = 0;    ///< no entry lies in a slot before this tick's
};

} // namespace actorbus::transports
