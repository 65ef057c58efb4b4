#include <actorbus/transports/frame_assembler.hpp>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include <actorbus/protocol/frame.hpp>

namespace actorbus::transports {

namespace {

struct cut_point {
  std::size_t whole = 0;   ///< bytes of whole packets
  std::size_t missing = 0; ///< bytes that the packet behind them lacks at least; 0: none begins
  protocol::errc fault = protocol::errc::none;
};

/// Walks on over whole packets that begin with a byte which `read_frame` has found to be right,
/// and whose length takes one or two bytes: most packets of a busy stream.
/// @returns where the first one begins that is not so
std::size_t skip_alike(protocol::byte_view bytes, std::size_t at, std::uint8_t first_byte,
                       std::size_t limit) noexcept {
  while (at + 2 < bytes.size() && bytes[at] == first_byte) {
    std::size_t size = 2u + bytes[at + 1];
    if (bytes[at + 1] >= 0x80) {
      std::size_t high = bytes[at + 2];
      if (high == 0 || high >= 0x80)
        break;
      size = 3u + (bytes[at + 1] & 0x7Fu) + (high << 7);
    }
    if (size > limit || size > bytes.size() - at)
      break;
    at += size;
  }
  return at;
}

cut_point find_cut(protocol::byte_view bytes, std::size_t limit, bool only_one) {
  cut_point at;
  while (at.whole < bytes.size()) {
    auto found = protocol::read_frame(bytes.subspan(at.whole), limit);
    if (!found) {
      at.fault = found.error();
      break;
    }
    if (!found->complete) {
      at.missing = found->missing;
      break;
    }
    auto first_byte = bytes[at.whole];
    at.whole += found->header.size();
    if (only_one)
      break;
    at.whole = skip_alike(bytes, at.whole, first_byte, limit);
  }
  return at;
}

void append(frame_assembler::result& out, buffer_ptr bytes, std::size_t size) {
  out.frames[out.count++] = frame{std::move(bytes), 0, static_cast<std::uint32_t>(size)};
}

} // namespace

std::span<const iovec> frame_assembler::where(buffer& block, std::array<iovec, 2>& into) {
  if (direct_) {
    into[0] = {held_->data() + held_size_, held_->capacity() - held_size_};
    into[1] = {block.data(), block.capacity()};
    return into;
  }
  if (held_size_ > 0)
    std::memcpy(block.data(), held_->data(), held_size_);
  into[0] = {block.data() + held_size_, block.capacity() - held_size_};
  return {into.data(), 1};
}

frame_assembler::result frame_assembler::cut(std::size_t count, buffer_ptr& block,
                                             std::size_t limit, const credit_account_ptr& payer) {
  result out;
  take(out, count, block, limit, false, payer);
  return out;
}

frame_assembler::result frame_assembler::cut_one(std::size_t count, buffer_ptr& block,
                                                 std::size_t limit,
                                                 const credit_account_ptr& payer) {
  result out;
  take(out, count, block, limit, true, payer);
  return out;
}

frame_assembler::result frame_assembler::resume(buffer_ptr& block, std::size_t limit,
                                                const credit_account_ptr& payer) {
  result out;
  if (held_size_ > 0 && !direct_) {
    std::array<iovec, 2> ignored;
    where(*block, ignored);
    take(out, 0, block, limit, false, payer);
  }
  return out;
}

void frame_assembler::take(result& out, std::size_t count, buffer_ptr& block, std::size_t limit,
                           bool only_one, const credit_account_ptr& payer) {
  auto size = held_size_ + count; // of what lies at the block's front
  if (direct_) {
    auto used = std::min(count, held_->capacity() - held_size_);
    held_size_ += static_cast<std::uint32_t>(used);
    if (held_size_ < held_->capacity())
      return;
    held_->charge_to(payer);
    append(out, std::move(held_), held_size_);
    drop_held();
    size = count - used;
  }
  auto* begin = block->data();
  auto at = only_one && out.count > 0 ? cut_point{} : find_cut({begin, size}, limit, only_one);
  out.fault = at.fault;
  // Before the block is handed on: nobody may write to it or wait for it then.
  if (auto rest = size - at.whole; rest == 0 || at.fault != protocol::errc::none)
    drop_held();
  else
    hold(begin, at.whole, rest, at.missing);
  if (at.whole >= large_read_bytes) {
    block->charge_to(payer);
    append(out, std::move(block), at.whole);
  } else if (at.whole > 0) {
    auto copy = buffer::make(at.whole, payer);
    std::memcpy(copy->data(), begin, at.whole);
    append(out, std::move(copy), at.whole);
  }
}

// Keeps `size` bytes from `begin + offset` on, which end `missing` bytes before a packet does.
void frame_assembler::hold(const std::uint8_t* begin, std::size_t offset, std::size_t size,
                           std::size_t missing) {
  auto wanted = size + missing;
  if (offset > 0 || !held_ || held_->capacity() < wanted) {
    held_ = buffer::make(wanted);
    held_size_ = 0;
  }
  // What was held before lies at the front of both.
  std::memcpy(held_->data() + held_size_, begin + offset + held_size_, size - held_size_);
  held_size_ = static_cast<std::uint32_t>(size);
  direct_ = missing > 0 && wanted > large_packet_bytes;
}

void frame_assembler::drop_held() noexcept {
  held_.reset();
  held_size_ = 0;
  direct_ = false;
}

} // namespace actorbus::transports
