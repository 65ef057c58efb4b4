#include <actorbus/transports/frame_writer.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

namespace actorbus::transports {

namespace {

constexpr std::size_t small_frame_bytes = 2048;
constexpr std::size_t write_pieces_max = 64;

// Blocks of what waits for a stalled peer.
constexpr std::size_t block_bytes_min = 1024;
constexpr std::size_t block_bytes_max = 32 * 1024;

/// What one system call is given.
struct gathered_frames {
  std::array<iovec, write_pieces_max> pieces;
  std::size_t count = 0;
  std::size_t bytes = 0;
};

bool is_small(const frame& of) noexcept {
  return of.size < small_frame_bytes;
}

// A small frame alone is passed by reference too: joining pays from the second one on.
void gather(gathered_frames& out, std::span<const frame> frames, std::uint8_t* block,
            std::size_t block_size) {
  std::size_t used = 0;
  bool joining = false; // the last piece lies in `block` and may grow
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto& at = frames[i];
    bool join = is_small(at) && (joining || (i + 1 < frames.size() && is_small(frames[i + 1])));
    if (join && used + at.size > block_size)
      return;
    if (!(join && joining) && out.count == write_pieces_max)
      return;
    if (join) {
      std::memcpy(block + used, at.view().data(), at.size);
      if (joining)
        out.pieces[out.count - 1].iov_len += at.size;
      else
        out.pieces[out.count++] = {block + used, at.size};
      used += at.size;
    } else {
      out.pieces[out.count++] = {const_cast<std::uint8_t*>(at.view().data()), at.size};
    }
    out.bytes += at.size;
    joining = join;
  }
}

// Removes the first `bytes` from `frames`, of which the first `first` are gone already.
std::size_t skip(std::vector<frame>& frames, std::size_t first, std::size_t bytes) {
  while (bytes > 0) {
    auto& at = frames[first];
    if (bytes < at.size) {
      at.offset += static_cast<std::uint32_t>(bytes);
      at.size -= static_cast<std::uint32_t>(bytes);
      break;
    }
    bytes -= at.size;
    at.bytes.reset();
    ++first;
  }
  return first;
}

std::size_t room_behind(const frame& last) noexcept {
  return last.bytes->capacity() - last.offset - last.size;
}

} // namespace

io_result write_frames(stream& out, std::vector<frame>& frames, std::uint8_t* block,
                       std::size_t block_size) {
  io_result last;
  std::size_t total = 0;
  std::size_t first = 0;
  while (first < frames.size()) {
    gathered_frames next;
    gather(next, std::span{frames}.subspan(first), block, block_size);
    last = out.write({next.pieces.data(), next.count});
    if (last.what != io_result::outcome::moved)
      break;
    total += last.bytes;
    first = skip(frames, first, last.bytes);
    if (last.bytes < next.bytes) {
      last.what = io_result::outcome::would_block;
      break;
    }
  }
  frames.erase(frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(first));
  last.bytes = total;
  return last;
}

std::size_t compact_frames(std::vector<frame>& frames, std::size_t own) {
  if (own >= frames.size())
    return frames.size();
  auto foreign = std::span{frames}.subspan(own);
  std::size_t size = 0;
  for (const auto& each : foreign)
    size += each.size;
  frame into;
  if (own > 0 && room_behind(frames[own - 1]) >= size) {
    into = frames[--own];
  } else {
    auto last = own > 0 ? frames[own - 1].bytes->capacity() : 0;
    // The first copy is exact: more may never come.
    auto spare = last > 0 ? std::clamp(last * 2, block_bytes_min, block_bytes_max) : 0;
    into.bytes = buffer::make(std::max(size, spare));
  }
  for (const auto& each : foreign) {
    std::memcpy(into.bytes->data() + into.offset + into.size, each.view().data(), each.size);
    into.size += each.size;
  }
  frames.resize(own);
  frames.push_back(std::move(into));
  return frames.size();
}

} // namespace actorbus::transports
