#include "channels.hpp"

#include <algorithm>
#include <stdexcept>

namespace actorbus::conformance {

namespace {

/// WebSocket by the letter of RFC 6455, over another wire. Shares nothing with the product.
class web_wire : public wire {
public:
  explicit web_wire(std::unique_ptr<wire> below) : below_{std::move(below)} {
    const std::string request = "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                "Sec-WebSocket-Protocol: mqtt\r\n\r\n";
    below_->write({reinterpret_cast<const std::uint8_t*>(request.data()), request.size()});
    const std::string end = "\r\n\r\n";
    for (;;) {
      const auto found = std::search(input_.begin(), input_.end(), end.begin(), end.end());
      if (found != input_.end()) {
        const std::string head{input_.begin(), found};
        if (head.find(" 101 ") == std::string::npos ||
            head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == std::string::npos)
          throw std::runtime_error{"no WebSocket: " + head};
        input_.erase(input_.begin(), found + 4);
        return;
      }
      auto more = below_->read(patience);
      if (more.closed || more.received.empty())
        throw std::runtime_error{"no answer to the handshake of WebSocket"};
      input_.insert(input_.end(), more.received.begin(), more.received.end());
    }
  }

  void write(std::span<const std::uint8_t> data) override { send_frame(2, data); }

  arrival read(std::chrono::milliseconds timeout) override {
    for (;;) {
      arrival result;
      result.closed = take_frames(result.received);
      if (result.closed || !result.received.empty())
        return result;
      auto more = below_->read(timeout);
      if (more.closed)
        return more;
      if (more.received.empty())
        return {};
      input_.insert(input_.end(), more.received.begin(), more.received.end());
    }
  }

  void close() override { below_->close(); }

private:
  void send_frame(std::uint8_t opcode, std::span<const std::uint8_t> payload) {
    byte_vector frame{static_cast<std::uint8_t>(0x80 | opcode)};
    if (payload.size() < 126) {
      frame.push_back(static_cast<std::uint8_t>(0x80 | payload.size()));
    } else {
      const auto wide = payload.size() > 0xFFFF;
      frame.push_back(static_cast<std::uint8_t>(0x80 | (wide ? 127 : 126)));
      for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8)
        frame.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(payload.size()) >> shift));
    }
    const std::uint8_t mask[] = {0x12, 0x34, 0x56, 0x78};
    frame.insert(frame.end(), mask, mask + 4);
    for (std::size_t i = 0; i < payload.size(); ++i)
      frame.push_back(payload[i] ^ mask[i % 4]);
    below_->write(frame);
  }

  /// @returns whether the other side has closed
  bool take_frames(byte_vector& into) {
    for (;;) {
      if (input_.size() < 2)
        return false;
      std::size_t size = input_[1] & 0x7F;
      std::size_t head = 2;
      if (size >= 126) {
        const std::size_t bytes = size == 126 ? 2 : 8;
        head += bytes;
        if (input_.size() < head)
          return false;
        size = 0;
        for (std::size_t i = 0; i < bytes; ++i)
          size = size << 8 | input_[2 + i];
      }
      if (input_.size() < head + size)
        return false;
      const auto begin = input_.begin() + static_cast<std::ptrdiff_t>(head);
      const auto end = begin + static_cast<std::ptrdiff_t>(size);
      const auto opcode = input_[0] & 0x0F;
      if (opcode == 8)
        return true;
      if (opcode == 9)
        send_frame(10, byte_vector{begin, end});
      else if (opcode != 10)
        into.insert(into.end(), begin, end);
      input_.erase(input_.begin(), end);
    }
  }

  std::unique_ptr<wire> below_;
  byte_vector input_;
};

} // namespace

std::unique_ptr<wire> open_web_wire(std::unique_ptr<wire> below) {
  return std::make_unique<web_wire>(std::move(below));
}

} // namespace actorbus::conformance
