#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/transports/layered_stream.hpp>
#include <actorbus/transports/web_deflate.hpp>
#include <actorbus/transports/web_frames.hpp>

namespace actorbus::transports {

/// A WebSocket after its handshake, either side; the two sides' classes do the handshake.
///
/// One write is one binary frame, however many packets are in it. A server passes the bytes on
/// where they lie; a client has to copy them, since it must mask them. Where permessage-deflate was
/// agreed on, both copy, and a frame of some size is packed if that makes it smaller.
class web_socket : public layered_stream {
public:
  io_result read(std::span<const iovec> into) override;
  io_result write(std::span<const iovec> from) override;

protected:
  web_socket(std::unique_ptr<stream> below, bool is_server, std::uint64_t frame_bytes_max) noexcept
      : layered_stream(std::move(below)), reader_(is_server, frame_bytes_max), server_(is_server) {}

  bool is_open() const noexcept { return open_; }

  /// The handshake is done. @param early what came behind it
  /// @param deflates permessage-deflate was agreed on
  void begin(std::string_view early, bool deflates);

  /// Reads up to the end of a head: a request's or an answer's.
  /// @returns moved: `head()` is whole
  io_result read_head();
  std::string_view head() const noexcept { return {head_.data(), head_size_}; }
  std::string_view behind_head() const noexcept {
    return std::string_view{head_}.substr(head_size_);
  }
  void drop_head() noexcept { head_ = {}; }
  bool head_too_large() const noexcept { return head_too_large_; }

private:
  bool has_input() const noexcept override {
    return !kept_.empty() || peer_closed_ || !reader_.why().empty() ||
           (inflater_ && inflater_->has_more());
  }
  void say_farewell() noexcept override;

  web_frame_reader::found unpack_next(web_frame_reader::room& into);
  io_result take_more(std::size_t room);
  io_result handle(web_frame_reader::found what);
  void send_control(web_opcode kind, std::span<const std::uint8_t> payload);
  void answer_ping();
  io_result finish(std::size_t used, io_result otherwise);

  io_result write_frames(std::span<const iovec> from);
  io_result write_copied(std::span<const iovec> from);

  web_frame_reader reader_;
  std::string head_;
  std::size_t head_size_ = 0;
  std::vector<std::uint8_t> kept_;         ///< came in and had no room; as a rule nothing
  std::vector<std::uint8_t> holding_;      ///< the same while it is read
  std::span<const std::uint8_t> input_;    ///< during a read
  std::unique_ptr<web_inflater> inflater_; ///< while a packed message is on its way
  std::vector<std::uint8_t> ping_;         ///< the last one's payload, to be answered
  std::uint64_t owed_ = 0; ///< bytes that the frame under way was announced with and lacks
  bool server_;
  bool deflates_ = false;
  bool open_ = false;
  bool has_ping_ = false;
  bool said_close_ = false;
  bool peer_closed_ = false;
  bool head_too_large_ = false;
};

} // namespace actorbus::transports
