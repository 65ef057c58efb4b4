#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sys/uio.h>

#include <actorbus/actors/buffer.hpp>
#include <actorbus/protocol/errc.hpp>

namespace actorbus::transports {

/// Cuts a stream of bytes into frames of whole packets: all that one read completes is one frame,
/// two where it also completes a large packet. Holds memory only while a packet is incomplete.
///
/// Usage: `where` → read into that → `cut`.
class frame_assembler {
public:
  /// What was cut off; frames in the order of their bytes.
  struct result {
    std::array<frame, 2> frames;
    std::size_t count = 0;
    protocol::errc fault = protocol::errc::none; ///< of what follows behind the frames
  };

  /// Packets above this size are read to where they stay; others by way of the thread's block.
  static constexpr std::size_t large_packet_bytes = 16 * 1024;
  /// From here on a block is handed on as it is; below, its bytes are copied to a smaller one.
  static constexpr std::size_t large_read_bytes = 16 * 1024;

  /// Where the next bytes belong.
  /// @param block at least 64 KB, unshared; its contents are overwritten
  /// @returns one or two pieces in `into`
  std::span<const iovec> where(buffer& block, std::array<iovec, 2>& into);

  /// Takes `count` new bytes, which lie where `where` said.
  /// @param block the same as before; moved from if it became a frame
  /// @param limit largest accepted packet, bytes
  /// @param payer charged for the frames
  result cut(std::size_t count, buffer_ptr& block, std::size_t limit,
             const credit_account_ptr& payer);

  /// The same for the first packet only; what follows it is held, whatever it is, until `resume`.
  result cut_one(std::size_t count, buffer_ptr& block, std::size_t limit,
                 const credit_account_ptr& payer);

  /// Cuts what `cut_one` left.
  result resume(buffer_ptr& block, std::size_t limit, const credit_account_ptr& payer);

  /// Bytes held.
  std::size_t held_bytes() const noexcept { return held_size_; }

private:
  void take(result& out, std::size_t count, buffer_ptr& block, std::size_t limit, bool only_one,
            const credit_account_ptr& payer);
  void hold(const std::uint8_t* begin, std::size_t offset, std::size_t size, std::size_t missing);
  void drop_held() noexcept;

  buffer_ptr held_;             ///< the front of a packet, in a buffer that fits it all
  std::uint32_t held_size_ = 0; ///< bytes of it that have come
  bool direct_ = false;         ///< sockets are read into `held_`
};

} // namespace actorbus::transports
