#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <sys/uio.h>

namespace actorbus::transports {

/// Reasons for the end of a WebSocket, as they travel (RFC 6455, 7.4.1).
enum class web_close : std::uint16_t {
  normal = 1000,
  protocol_error = 1002,
  unacceptable_data = 1003, ///< MQTT travels in binary frames only [v3:MQTT-6.0.0-1]
  inconsistent = 1007,      ///< a packed message that can't be unpacked
  too_large = 1009,
};

/// Takes a WebSocket's bytes apart, however they are cut. Payloads of data frames are one stream
/// of bytes: neither frames nor messages mean anything to MQTT [v3:MQTT-6.0.0-2].
class web_frame_reader {
public:
  /// Where payload goes.
  struct room {
    std::span<const iovec> pieces;
    std::size_t offset = 0; ///< in the first of them
    std::size_t used = 0;   ///< of all together
  };

  enum class found : std::uint8_t {
    nothing, ///< the input is used up, or the room is
    packed,  ///< a message begins whose payload is packed, up to …
    unpack,  ///< … here, where it has ended
    ping,    ///< answer with `control()`
    pong,
    close, ///< `control()` has its reason, or is empty
    fault, ///< the peer broke a rule: `why()`, `reason()`
  };

  /// @param from_client      its frames are masked, a server's are not
  /// @param frame_bytes_max  largest accepted payload of one data frame
  web_frame_reader(bool from_client, std::uint64_t frame_bytes_max) noexcept
      : frame_bytes_max_(frame_bytes_max), from_client_(from_client) {}

  /// From now on messages may be packed: permessage-deflate was agreed on.
  void accept_packed() noexcept { accepts_packed_ = true; }

  /// Takes bytes from the front of `input` up to the end of a control frame, or to where a packed
  /// message begins or ends.
  found next(std::span<const std::uint8_t>& input, room& into) noexcept;

  /// Payload of the control frame that was found, at most 125 bytes.
  std::span<const std::uint8_t> control() const noexcept { return {control_.data(), have_}; }

  std::string_view why() const noexcept { return why_; }
  web_close reason() const noexcept { return reason_; }

private:
  enum class part : std::uint8_t { header, control, data };

  bool take_header(std::span<const std::uint8_t>& input) noexcept;
  std::size_t header_size() const noexcept;
  bool accept_header() noexcept;
  void take_data(std::span<const std::uint8_t>& input, room& into) noexcept;
  bool take_control(std::span<const std::uint8_t>& input) noexcept;
  void unmask(std::uint8_t* into, const std::uint8_t* from, std::size_t size) noexcept;
  bool wrong(std::string_view why, web_close reason = web_close::protocol_error) noexcept;

  std::uint64_t frame_bytes_max_;
  std::uint64_t left_ = 0; ///< bytes of the frame's payload that are still to come
  std::string_view why_;
  std::array<std::uint8_t, 125> control_{}; ///< a control frame's payload; a header before that
  std::array<std::uint8_t, 4> mask_{};
  web_close reason_ = web_close::normal;
  std::uint8_t have_ = 0; ///< bytes in `control_`
  std::uint8_t opcode_ = 0;
  std::uint8_t mask_at_ = 0;
  part part_ = part::header;
  bool from_client_;
  bool final_ = false;
  bool in_message_ = false; ///< a message has begun and not ended
  bool accepts_packed_ = false;
  bool packed_ = false;   ///< the message that has begun is
  bool reported_ = false; ///< a control frame was found by the last call
};

/// A message whose payload is packed by permessage-deflate.
inline constexpr std::uint8_t web_packed_bit = 0x40;

/// What stands before a payload.
struct web_frame_header {
  std::array<std::uint8_t, 14> bytes{};
  std::size_t size = 0;
};

enum class web_opcode : std::uint8_t { binary = 2, close = 8, ping = 9, pong = 10 };

/// The header of a whole, unmasked frame with so many bytes: a server's.
web_frame_header frame_header(web_opcode kind, std::uint64_t payload_size) noexcept;

/// A client's: its payload is masked by `mask_bytes`.
web_frame_header frame_header(web_opcode kind, std::uint64_t payload_size,
                              std::array<std::uint8_t, 4> mask) noexcept;

/// Copies `size` bytes, masked from the mask's first byte on.
void mask_bytes(std::uint8_t* into, const std::uint8_t* from, std::size_t size,
                std::array<std::uint8_t, 4> mask) noexcept;

} // namespace actorbus::transports
