#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <actorbus/actors/buffer.hpp>
#include <actorbus/protocol/packets.hpp>

namespace actorbus {

/// Gathers the packets of one batch for one peer into as few frames as possible: encoded packets
/// lie one behind the other in one block; bytes of foreign frames are copied when they are few
/// and have company, and referenced when they are many or alone.
class outbox {
public:
  /// @param payer charged for the blocks; may be null
  explicit outbox(credit_account_ptr payer = nullptr) noexcept : payer_(std::move(payer)) {}

  /// Encodes one packet behind the others.
  void encode(const protocol::publish& packet, protocol::protocol_version version);
  void encode(const protocol::packet& packet, protocol::protocol_version version);

  /// Encodes an acknowledgement with success and no properties: four bytes in every version.
  void acknowledge(protocol::packet_type type, protocol::packet_id id);

  /// Adds whole packets that are encoded already.
  void append(protocol::byte_view packets);
  void append(const frame& packets);

  bool empty() const noexcept { return size_bytes() == 0; }

  /// Bytes since the last `take`.
  std::size_t size_bytes() const noexcept { return ready_bytes_ + used_ + lone_.size; }

  /// Hands over all frames in order and begins anew.
  /// @param each called with every frame
  template <class F>
  void take(F&& each) {
    seal();
    for (auto& item : ready_)
      each(std::move(item));
    ready_.clear();
    ready_bytes_ = 0;
  }

  /// Packets other than PUBLISH that were encoded; the owner resets.
  std::uint32_t other_packets = 0;

  /// Throws away what was not taken.
  void clear() noexcept;

private:
  std::uint8_t* reserve(std::size_t bytes);
  void seal();

  credit_account_ptr payer_;
  buffer_ptr block_;
  frame lone_;                 ///< a few foreign bytes that nothing followed yet; then `used_` is 0
  std::uint32_t used_ = 0;     ///< bytes of `block_` that are written
  std::uint32_t expected_ = 0; ///< bytes that the last block took
  std::size_t ready_bytes_ = 0;
  std::vector<frame> ready_;
};

} // namespace actorbus
