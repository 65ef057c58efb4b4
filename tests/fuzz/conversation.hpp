#pragma once

#include <optional>

#include <actorbus/protocol/decode.hpp>

namespace actorbus::protocol {

/// What the fuzzers' input means: bits 0 and 1 of its first byte choose the version, bit 2 says
/// that a server speaks; the rest is what it says, packet behind packet.
class conversation {
public:
  explicit conversation(byte_view input) noexcept {
    if (input.empty())
      return;
    constexpr protocol_version versions[]{protocol_version::v3_1, protocol_version::v3_1_1, protocol_version::v5,
                                          protocol_version::v5};
    version_ = versions[input[0] & 3u];
    from_ = (input[0] & 4u) != 0 ? sender::server : sender::client;
    rest_ = input.subspan(1);
  }

  protocol_version version() const noexcept { return version_; }
  sender from() const noexcept { return from_; }

  /// The next packet; none at the end, behind a fault, and before a packet that is cut off.
  std::optional<packet> next() noexcept {
    auto frame = read_frame(rest_, packet_size_bytes_max);
    if (!frame) {
      cause_ = frame.error();
      return std::nullopt;
    }
    if (!frame->complete)
      return std::nullopt;
    const auto& header = frame->header;
    auto body = rest_.subspan(header.header_size, header.body_size);
    rest_ = rest_.subspan(header.size());
    auto decoded = decode(header, body, version_, from_);
    if (!decoded) {
      cause_ = decoded.error();
      return std::nullopt;
    }
    return *decoded;
  }

  errc cause() const noexcept { return cause_; }

private:
  byte_view rest_;
  protocol_version version_ = protocol_version::v5;
  sender from_ = sender::client;
  errc cause_ = errc::none;
};

} // namespace actorbus::protocol
