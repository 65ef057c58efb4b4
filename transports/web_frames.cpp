#include <actorbus/transports/web_frames.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace actorbus::transports {

namespace {

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t control_bit = 0x08;
constexpr std::uint8_t continuation = 0;
constexpr std::uint8_t text = 1;
constexpr std::uint8_t binary = 2;
constexpr std::uint8_t small_size_max = 125;
constexpr std::uint8_t two_bytes = 126;
constexpr std::uint8_t eight_bytes = 127;

std::uint64_t big_endian(const std::uint8_t* from, std::size_t size) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value = value << 8 | from[i];
  return value;
}

} // namespace

void mask_bytes(std::uint8_t* into, const std::uint8_t* from, std::size_t size,
                std::array<std::uint8_t, 4> mask) noexcept {
  std::uint64_t wide = 0;
  std::memcpy(&wide, mask.data(), 4);
  std::memcpy(reinterpret_cast<std::uint8_t*>(&wide) + 4, mask.data(), 4);
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    std::uint64_t block = 0;
    std::memcpy(&block, from + at, 8);
    block ^= wide;
    std::memcpy(into + at, &block, 8);
  }
  for (; at < size; ++at)
    into[at] = static_cast<std::uint8_t>(from[at] ^ mask[at % 4]);
}

web_frame_header frame_header(web_opcode kind, std::uint64_t payload_size) noexcept {
  web_frame_header result;
  auto& bytes = result.bytes;
  bytes[0] = static_cast<std::uint8_t>(final_bit | static_cast<std::uint8_t>(kind));
  std::size_t size_bytes = payload_size <= small_size_max ? 0 : payload_size <= 0xFFFF ? 2 : 8;
  bytes[1] = size_bytes == 0   ? static_cast<std::uint8_t>(payload_size)
             : size_bytes == 2 ? two_bytes
                               : eight_bytes;
  for (std::size_t i = 0; i < size_bytes; ++i)
    bytes[2 + i] = static_cast<std::uint8_t>(payload_size >> (8 * (size_bytes - 1 - i)));
  result.size = 2 + size_bytes;
  return result;
}

web_frame_header frame_header(web_opcode kind, std::uint64_t payload_size,
                              std::array<std::uint8_t, 4> mask) noexcept {
  auto result = frame_header(kind, payload_size);
  result.bytes[1] |= mask_bit;
  std::copy(mask.begin(), mask.end(), result.bytes.begin() + static_cast<int>(result.size));
  result.size += mask.size();
  return result;
}

web_frame_reader::found web_frame_reader::next(std::span<const std::uint8_t>& input,
                                               room& into) noexcept {
  if (!why_.empty())
    return found::fault;
  if (std::exchange(reported_, false))
    have_ = 0;
  for (;;) {
    switch (part_) {
    case part::header:
      if (!take_header(input))
        return found::nothing;
      if (!accept_header())
        return found::fault;
      if (part_ == part::data && packed_ && opcode_ != continuation)
        return found::packed;
      break;
    case part::data:
      take_data(input, into);
      if (left_ > 0)
        return found::nothing;
      part_ = part::header;
      in_message_ = !final_;
      if (final_ && std::exchange(packed_, false))
        return found::unpack;
      break;
    case part::control:
      if (!take_control(input))
        return found::nothing;
      part_ = part::header;
      reported_ = true;
      switch (static_cast<web_opcode>(opcode_)) {
      case web_opcode::ping: return found::ping;
      case web_opcode::pong: return found::pong;
      default: return found::close;
      }
    }
  }
}

// -- header ----------------------------------------------------------------------------------------

// Of the header that begins in `control_`, as far as it is known.
std::size_t web_frame_reader::header_size() const noexcept {
  if (have_ < 2)
    return 2;
  auto size = control_[1] & ~mask_bit;
  std::size_t more = size == two_bytes ? 2 : size == eight_bytes ? 8 : 0;
  return 2 + more + ((control_[1] & mask_bit) != 0 ? 4 : 0);
}

bool web_frame_reader::take_header(std::span<const std::uint8_t>& input) noexcept {
  while (have_ < header_size()) {
    if (input.empty())
      return false;
    control_[have_++] = input.front();
    input = input.subspan(1);
  }
  return true;
}

bool web_frame_reader::wrong(std::string_view why, web_close reason) noexcept {
  why_ = why;
  reason_ = reason;
  return false;
}

bool web_frame_reader::accept_header() noexcept {
  auto first = control_[0];
  bool masked = (control_[1] & mask_bit) != 0;
  auto size = control_[1] & ~mask_bit;
  std::size_t size_bytes = size == two_bytes ? 2 : size == eight_bytes ? 8 : 0;
  left_ = size_bytes == 0 ? static_cast<std::uint64_t>(size)
                          : big_endian(control_.data() + 2, size_bytes);
  opcode_ = first & 0x0F;
  final_ = (first & final_bit) != 0;
  if (masked)
    std::copy_n(control_.begin() + 2 + static_cast<int>(size_bytes), 4, mask_.begin());
  mask_at_ = 0;
  have_ = 0;
  auto is_packed =
      accepts_packed_ && opcode_ == binary && (first & reserved_bits) == web_packed_bit;
  if ((first & reserved_bits) != 0 && !is_packed)
    return wrong("a frame with an extension that nobody agreed on");
  if (masked != from_client_)
    return wrong(from_client_ ? "a client's frame that is not masked"
                              : "a server's frame that is masked");
  if ((size_bytes == 2 && left_ <= small_size_max) || (size_bytes == 8 && left_ <= 0xFFFF) ||
      left_ >> 63 != 0)
    return wrong("a frame whose length is not in its shortest form");
  if ((opcode_ & control_bit) != 0) {
    if (opcode_ > static_cast<std::uint8_t>(web_opcode::pong))
      return wrong("a frame of an unknown kind");
    if (!final_ || left_ > small_size_max)
      return wrong("a control frame in pieces or with more than 125 bytes");
    if (opcode_ == static_cast<std::uint8_t>(web_opcode::close) && left_ == 1)
      return wrong("a close frame with half a reason");
    part_ = part::control;
    return true;
  }
  if (opcode_ > binary)
    return wrong("a frame of an unknown kind");
  if (opcode_ == text)
    return wrong("a text frame, where MQTT travels in binary ones", web_close::unacceptable_data);
  if ((opcode_ == continuation) != in_message_)
    return wrong(in_message_ ? "a new message before the last one's end"
                             : "the continuation of no message");
  if (left_ > frame_bytes_max_)
    return wrong("a frame that is too large", web_close::too_large);
  part_ = part::data;
  packed_ |= is_packed;
  return true;
}

// -- payload ---------------------------------------------------------------------------------------

void web_frame_reader::unmask(std::uint8_t* into, const std::uint8_t* from,
                              std::size_t size) noexcept {
  if (!from_client_) {
    std::memcpy(into, from, size);
    return;
  }
  auto mask = mask_;
  std::rotate(mask.begin(), mask.begin() + mask_at_, mask.end());
  mask_bytes(into, from, size, mask);
  mask_at_ = static_cast<std::uint8_t>((mask_at_ + size) % 4);
}

void web_frame_reader::take_data(std::span<const std::uint8_t>& input, room& into) noexcept {
  while (left_ > 0 && !input.empty() && !into.pieces.empty()) {
    const auto& piece = into.pieces.front();
    auto count = std::min<std::uint64_t>({left_, input.size(), piece.iov_len - into.offset});
    unmask(static_cast<std::uint8_t*>(piece.iov_base) + into.offset, input.data(), count);
    input = input.subspan(count);
    left_ -= count;
    into.used += count;
    into.offset += count;
    if (into.offset == piece.iov_len) {
      into.pieces = into.pieces.subspan(1);
      into.offset = 0;
    }
  }
}

bool web_frame_reader::take_control(std::span<const std::uint8_t>& input) noexcept {
  auto count = std::min<std::uint64_t>(left_, input.size());
  unmask(control_.data() + have_, input.data(), count);
  input = input.subspan(count);
  have_ = static_cast<std::uint8_t>(have_ + count);
  left_ -= count;
  return left_ == 0;
}

} // namespace actorbus::transports
