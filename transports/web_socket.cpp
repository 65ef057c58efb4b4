#include <actorbus/transports/web_socket.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <openssl/rand.h>

#include <actorbus/transports/web_handshake.hpp>

namespace actorbus::transports {

namespace {

using outcome = io_result::outcome;

constexpr std::size_t web_input_bytes = 64 * 1024;
constexpr std::size_t copied_bytes_max = 16 * 1024;
constexpr std::size_t packed_bytes_max = 4 * 1024;
// Less is not worth the time: a header takes as much.
constexpr std::size_t deflate_bytes_min = 128;
constexpr std::size_t web_pieces_max = 64;

/// Memory that all web sockets of a thread use in turn, each for the length of a call.
struct web_workplace {
  std::unique_ptr<std::uint8_t[]> input{new std::uint8_t[web_input_bytes]};
  std::unique_ptr<std::uint8_t[]> copied{new std::uint8_t[copied_bytes_max]};
  std::array<std::uint8_t, packed_bytes_max> packed{}; ///< that came in
};

web_workplace& web_memory() {
  thread_local web_workplace mine;
  return mine;
}

std::array<std::uint8_t, 4> new_mask() {
  std::array<std::uint8_t, 4> mask{};
  RAND_bytes(mask.data(), static_cast<int>(mask.size()));
  return mask;
}

std::size_t size_of(std::span<const iovec> pieces) noexcept {
  std::size_t size = 0;
  for (const auto& piece : pieces)
    size += piece.iov_len;
  return size;
}

/// The first `size` bytes of `from` behind a first piece, in one call's pieces.
struct gathered_pieces {
  std::array<iovec, web_pieces_max + 1> pieces;
  std::size_t count = 0;

  void add(const iovec& piece) noexcept { pieces[count++] = piece; }

  void add_front(std::span<const iovec> from, std::size_t skip, std::uint64_t size) noexcept {
    for (const auto& piece : from) {
      auto gone = std::min(skip, piece.iov_len);
      skip -= gone;
      auto part = std::min<std::uint64_t>(piece.iov_len - gone, size);
      if (part == 0)
        continue;
      add({static_cast<std::uint8_t*>(piece.iov_base) + gone, part});
      size -= part;
    }
  }

  std::span<const iovec> all() const noexcept { return {pieces.data(), count}; }
};

} // namespace

// -- handshake -------------------------------------------------------------------------------------

io_result web_socket::read_head() {
  for (;;) {
    iovec piece{web_memory().input.get(), web_head_bytes_max};
    auto result = below().read({&piece, 1});
    if (result.what != outcome::moved)
      return result;
    head_.append(reinterpret_cast<const char*>(web_memory().input.get()), result.bytes);
    head_size_ = end_of_web_head(head_);
    if (head_size_ != std::string_view::npos && head_size_ <= web_head_bytes_max)
      return {.what = outcome::moved};
    if (head_size_ != std::string_view::npos || head_.size() >= web_head_bytes_max) {
      head_too_large_ = true;
      head_size_ = head_.size();
      return {.what = outcome::moved};
    }
  }
}

void web_socket::begin(std::string_view early, bool deflates) {
  kept_.assign(early.begin(), early.end());
  open_ = true;
  deflates_ = deflates;
  if (deflates)
    reader_.accept_packed();
}

// -- in --------------------------------------------------------------------------------------------

io_result web_socket::read(std::span<const iovec> into) {
  if (peer_closed_)
    return {.what = outcome::end};
  auto room = size_of(into);
  web_frame_reader::room place{into};
  for (;;) {
    auto found = inflater_ ? unpack_next(place) : reader_.next(input_, place);
    if (found != web_frame_reader::found::nothing) {
      if (auto end = handle(found); end.what != outcome::would_block)
        return finish(place.used, end);
    } else if (place.used > 0) {
      return finish(place.used, {});
    } else if (auto more = take_more(room); more.what != outcome::moved) {
      return finish(0, more);
    }
  }
}

// Within a packed message: what was unpacked goes where the payload of others goes.
web_frame_reader::found web_socket::unpack_next(web_frame_reader::room& into) {
  using found = web_frame_reader::found;
  for (;;) {
    while (!into.pieces.empty() && inflater_->has_more()) {
      const auto& piece = into.pieces.front();
      auto size = inflater_->take(
          {static_cast<std::uint8_t*>(piece.iov_base) + into.offset, piece.iov_len - into.offset});
      into.used += size;
      into.offset += size;
      if (into.offset == piece.iov_len) {
        into.pieces = into.pieces.subspan(1);
        into.offset = 0;
      }
    }
    if (inflater_->failed())
      return found::fault;
    if (inflater_->has_more())
      return found::nothing; // no room
    if (inflater_->done()) {
      inflater_.reset();
      return reader_.next(input_, into);
    }
    auto& packed = web_memory().packed;
    const iovec piece{packed.data(), packed.size()};
    web_frame_reader::room place{{&piece, 1}};
    auto what = reader_.next(input_, place);
    inflater_->put({packed.data(), place.used});
    if (what == found::unpack)
      inflater_->finish();
    else if (what != found::nothing || place.used == 0)
      return what;
  }
}

// A payload is smaller than what it travels in, so not more is read than there is room for.
io_result web_socket::take_more(std::size_t room) {
  if (!kept_.empty()) {
    holding_.swap(kept_);
    kept_.clear();
    input_ = holding_;
    return {.what = outcome::moved};
  }
  iovec piece{web_memory().input.get(), std::clamp<std::size_t>(room, 1, web_input_bytes)};
  auto result = below().read({&piece, 1});
  if (result.what == outcome::moved)
    input_ = {web_memory().input.get(), result.bytes};
  return result;
}

// The thread's memory is somebody else's from now on. What came before an end is handed on first:
// the end comes again with the next read.
io_result web_socket::finish(std::size_t used, io_result otherwise) {
  kept_.assign(input_.begin(), input_.end());
  input_ = {};
  holding_ = {};
  answer_ping();
  return used > 0 ? io_result{.what = outcome::moved, .bytes = used} : otherwise;
}

// @returns would_block: go on
io_result web_socket::handle(web_frame_reader::found what) {
  switch (what) {
  case web_frame_reader::found::ping:
    ping_.assign(reader_.control().begin(), reader_.control().end());
    has_ping_ = true;
    return {};
  case web_frame_reader::found::close:
    send_control(web_opcode::close,
                 reader_.control().first(std::min<std::size_t>(reader_.control().size(), 2)));
    peer_closed_ = true;
    return {.what = outcome::end};
  case web_frame_reader::found::packed: inflater_ = std::make_unique<web_inflater>(); return {};
  case web_frame_reader::found::fault: {
    auto broken = inflater_ && inflater_->failed();
    auto code = static_cast<std::uint16_t>(broken ? web_close::inconsistent : reader_.reason());
    const std::uint8_t payload[] = {static_cast<std::uint8_t>(code >> 8),
                                    static_cast<std::uint8_t>(code)};
    send_control(web_opcode::close, payload);
    return fail("WebSocket: " +
                std::string{broken ? "a message that can't be unpacked" : reader_.why()});
  }
  case web_frame_reader::found::unpack:
  case web_frame_reader::found::pong:
  case web_frame_reader::found::nothing: break;
  }
  return {};
}

// -- out -------------------------------------------------------------------------------------------

// In the middle of a frame there is no place for another one: a close is left out then, and a pong
// waits.
void web_socket::send_control(web_opcode kind, std::span<const std::uint8_t> payload) {
  if (said_close_ || owed_ > 0)
    return;
  said_close_ = kind == web_opcode::close;
  std::array<std::uint8_t, 125> masked{};
  auto header = frame_header(kind, payload.size());
  if (!server_) {
    auto mask = new_mask();
    header = frame_header(kind, payload.size(), mask);
    mask_bytes(masked.data(), payload.data(), payload.size(), mask);
    payload = {masked.data(), payload.size()};
  }
  const iovec pieces[] = {{header.bytes.data(), header.size},
                          {const_cast<std::uint8_t*>(payload.data()), payload.size()}};
  send(pieces);
}

// Only the last of several needs an answer, so a peer can't make us hold more than one.
void web_socket::answer_ping() {
  if (!has_ping_ || owed_ > 0 || has_unsent())
    return;
  has_ping_ = false;
  send_control(web_opcode::pong, ping_);
  ping_ = {};
}

void web_socket::say_farewell() noexcept {
  const std::uint8_t normal[] = {1000 >> 8, 1000 & 0xFF};
  if (open_)
    send_control(web_opcode::close, normal);
}

io_result web_socket::write(std::span<const iovec> from) {
  if (said_close_)
    return {.what = outcome::failed, .bytes = 0, .error = EPIPE};
  if (has_unsent())
    return {};
  from = from.first(std::min(from.size(), web_pieces_max));
  auto result = server_ && !deflates_ ? write_frames(from) : write_copied(from);
  answer_ping();
  return result;
}

io_result web_socket::write_frames(std::span<const iovec> from) {
  auto size = size_of(from);
  std::size_t taken = 0;
  while (taken < size && !has_unsent()) {
    gathered_pieces next;
    web_frame_header header;
    if (owed_ == 0) {
      header = frame_header(web_opcode::binary, size - taken);
      next.add({header.bytes.data(), header.size});
    }
    auto wanted = owed_ > 0 ? std::min<std::uint64_t>(owed_, size - taken) : size - taken;
    next.add_front(from, taken, wanted);
    auto result = below().write(next.all());
    if (result.what != outcome::moved)
      return taken > 0 && result.what == outcome::would_block
                 ? io_result{.what = outcome::moved, .bytes = taken}
                 : result;
    if (owed_ == 0)
      owed_ = wanted;
    auto gone = std::min(result.bytes, header.size);
    if (gone < header.size) // it has begun, so it has to follow whole
      send(std::span<const std::uint8_t>{header.bytes.data() + gone, header.size - gone});
    owed_ -= result.bytes - gone;
    taken += result.bytes - gone;
    if (result.bytes - gone < wanted)
      break;
  }
  return taken > 0 ? io_result{.what = outcome::moved, .bytes = taken} : io_result{};
}

// Frames of at most `copied_bytes_max`, packed where that was agreed on, masked if we are a client.
io_result web_socket::write_copied(std::span<const iovec> from) {
  auto size = size_of(from);
  std::size_t taken = 0;
  while (taken < size && !has_unsent()) {
    gathered_pieces next;
    auto part = std::min(size - taken, copied_bytes_max);
    next.add_front(from, taken, part);
    auto* bytes = web_memory().copied.get();
    std::size_t at = 0;
    for (const auto& piece : next.all()) {
      std::memcpy(bytes + at, piece.iov_base, piece.iov_len);
      at += piece.iov_len;
    }
    std::array<std::uint8_t, copied_bytes_max> packed;
    auto packed_size = deflates_ && part >= deflate_bytes_min
                           ? deflate_web_message({bytes, part}, packed)
                           : std::size_t{0};
    auto payload = packed_size > 0 ? std::span{packed}.first(packed_size) : std::span{bytes, part};
    auto header = frame_header(web_opcode::binary, payload.size());
    if (!server_) {
      auto mask = new_mask();
      mask_bytes(payload.data(), payload.data(), payload.size(), mask);
      header = frame_header(web_opcode::binary, payload.size(), mask);
    }
    if (packed_size > 0)
      header.bytes[0] |= web_packed_bit;
    const iovec pieces[] = {{header.bytes.data(), header.size}, {payload.data(), payload.size()}};
    if (auto sent = send(pieces); sent.what == outcome::failed)
      return sent;
    taken += part;
  }
  return taken > 0 ? io_result{.what = outcome::moved, .bytes = taken} : io_result{};
}

} // namespace actorbus::transports
