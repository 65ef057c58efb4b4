#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sys/uio.h>

namespace actorbus::transports {

/// What the two ends of a ring share beside its bytes, each word on cache lines of its own. In
/// memory that another process can write at any time and with anything.
struct ring_control {
  static constexpr std::size_t apart = 128; ///< processors fetch lines in pairs

  alignas(apart) std::atomic<std::uint64_t> written{0}; ///< bytes since the begin; the writer's
  alignas(apart) std::atomic<std::uint64_t> taken{0};   ///< bytes since the begin; the reader's
  alignas(apart) std::atomic<std::uint32_t> reader_sleeps{0}; ///< ring, if something is written
  alignas(apart) std::atomic<std::uint32_t> writer_sleeps{0}; ///< ring, if there is room again

  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
  static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
};

/// The writing end of a ring of bytes in memory that is shared with the reader, whom it doesn't
/// trust: its own position is kept here, the reader's is checked whenever it is looked at. One
/// thread of one process writes, one of another reads.
class ring_writer {
public:
  /// @param capacity bytes at `bytes`; a power of two
  ring_writer(ring_control& shared, std::uint8_t* bytes, std::size_t capacity) noexcept
      : shared_(shared), bytes_(bytes), capacity_(capacity) {}

  /// Copies as much as there is room for, and shows it to the reader at once.
  /// @returns bytes; nothing if the reader's position can't be: the ring is of no use any more
  std::optional<std::size_t> write(std::span<const iovec> from) noexcept;

  /// Whether the reader sleeps, and has to be woken by whoever asks, who is told only once.
  bool must_wake_reader() noexcept { return wake(shared_.reader_sleeps); }

  /// Whether half of the ring is free.
  bool has_room() const noexcept;

  /// Asks to be woken once half of the ring is free.
  /// @returns false if there is room: nobody will wake
  bool sleep() noexcept;
  void stay_awake() noexcept { shared_.writer_sleeps.store(0, std::memory_order_relaxed); }

private:
  friend class ring_reader;

  static bool wake(std::atomic<std::uint32_t>& sleeps) noexcept {
    return sleeps.load(std::memory_order_seq_cst) != 0 && sleeps.exchange(0) != 0;
  }

  ring_control& shared_;
  std::uint8_t* bytes_;
  std::size_t capacity_;
  std::uint64_t written_ = 0;
  std::uint64_t taken_ = 0; ///< as it was last seen, and believed
};

/// The reading end. Bytes are copied out once and looked at only then: what the writer changes
/// afterwards changes nothing.
class ring_reader {
public:
  ring_reader(ring_control& shared, const std::uint8_t* bytes, std::size_t capacity) noexcept
      : shared_(shared), bytes_(bytes), capacity_(capacity) {}

  /// Copies what there is, as far as it fits, and gives the room back.
  /// @returns bytes; nothing if the writer's position can't be: the ring is of no use any more
  std::optional<std::size_t> read(std::span<const iovec> into) noexcept;

  /// Whether the writer sleeps, has room for something worth its while, and has to be woken by
  /// whoever asks, who is told only once.
  bool must_wake_writer() noexcept;

  bool has_bytes() const noexcept {
    return shared_.written.load(std::memory_order_acquire) != taken_;
  }

  /// Asks to be woken when something is written.
  /// @returns false if there are bytes: nobody will wake
  bool sleep() noexcept;
  void stay_awake() noexcept { shared_.reader_sleeps.store(0, std::memory_order_relaxed); }

private:
  ring_control& shared_;
  const std::uint8_t* bytes_;
  std::size_t capacity_;
  std::uint64_t taken_ = 0;
  std::uint64_t written_ = 0; ///< as it was last seen, and believed
};

} // namespace actorbus::transports
