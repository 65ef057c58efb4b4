#include <actorbus/transports/byte_ring.hpp>

#include <algorithm>
#include <cstring>

namespace actorbus::transports {

namespace {

/// Where in the ring a position lies, and how far it is to the end.
struct place {
  std::size_t at;
  std::size_t before_end;
};

place locate(std::uint64_t position, std::size_t capacity) noexcept {
  auto at = static_cast<std::size_t>(position) & (capacity - 1);
  return {at, capacity - at};
}

} // namespace

std::optional<std::size_t> ring_writer::write(std::span<const iovec> from) noexcept {
  std::size_t wanted = 0;
  for (const auto& piece : from)
    wanted += piece.iov_len;
  if (capacity_ - (written_ - taken_) < wanted) {
    auto taken = shared_.taken.load(std::memory_order_acquire);
    if (written_ - taken > capacity_)
      return std::nullopt;
    taken_ = taken;
  }
  auto room = static_cast<std::size_t>(capacity_ - (written_ - taken_));
  auto begin = written_;
  for (const auto& piece : from) {
    auto size = std::min(piece.iov_len, room);
    if (size == 0)
      continue;
    auto [at, before_end] = locate(written_, capacity_);
    auto first = std::min(size, before_end);
    const auto* bytes = static_cast<const std::uint8_t*>(piece.iov_base);
    std::memcpy(bytes_ + at, bytes, first);
    std::memcpy(bytes_, bytes + first, size - first);
    written_ += size;
    room -= size;
  }
  // Ordered before the look at `reader_sleeps`: the reader sets that first, then looks here.
  if (written_ != begin)
    shared_.written.store(written_, std::memory_order_seq_cst);
  return static_cast<std::size_t>(written_ - begin);
}

// A position that can't be is news too: `write` shall find it.
bool ring_writer::has_room() const noexcept {
  auto used = written_ - shared_.taken.load(std::memory_order_seq_cst);
  return used <= capacity_ / 2 || used > capacity_;
}

bool ring_writer::sleep() noexcept {
  shared_.writer_sleeps.store(1, std::memory_order_seq_cst);
  if (!has_room())
    return true;
  stay_awake();
  return false;
}

std::optional<std::size_t> ring_reader::read(std::span<const iovec> into) noexcept {
  auto written = shared_.written.load(std::memory_order_acquire);
  if (written - taken_ > capacity_)
    return std::nullopt;
  written_ = written;
  auto begin = taken_;
  for (const auto& piece : into) {
    auto size = std::min<std::size_t>(piece.iov_len, static_cast<std::size_t>(written_ - taken_));
    if (size == 0)
      break;
    auto [at, before_end] = locate(taken_, capacity_);
    auto first = std::min(size, before_end);
    auto* bytes = static_cast<std::uint8_t*>(piece.iov_base);
    std::memcpy(bytes, bytes_ + at, first);
    std::memcpy(bytes + first, bytes_, size - first);
    taken_ += size;
  }
  if (taken_ != begin)
    shared_.taken.store(taken_, std::memory_order_seq_cst);
  return static_cast<std::size_t>(taken_ - begin);
}

// A writer that is woken for every few bytes would sleep for every few bytes.
bool ring_reader::must_wake_writer() noexcept {
  return written_ - taken_ <= capacity_ / 2 && ring_writer::wake(shared_.writer_sleeps);
}

bool ring_reader::sleep() noexcept {
  shared_.reader_sleeps.store(1, std::memory_order_seq_cst);
  if (shared_.written.load(std::memory_order_seq_cst) == taken_)
    return true;
  stay_awake();
  return false;
}

} // namespace actorbus::transports
