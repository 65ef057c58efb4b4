#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <actorbus/protocol/types.hpp>

#include "bench_broker.hpp"

namespace actorbus::demos {

inline constexpr std::uint32_t bench_topics_max = 36 * 36 * 36;
/// A payload begins with the publisher's number and the message's sequence number.
inline constexpr std::uint32_t bench_payload_bytes_min = 8;

/// The topic of publisher `number` in run `run`: always 8 bytes, so that packets have one size.
std::string bench_topic(std::uint32_t run, std::uint32_t number);
/// The filter that takes the topics of every publisher in `run`.
std::string bench_filter(std::uint32_t run);

/// One publisher's PUBLISH, encoded once and copied from then on. All packets of a run have the
/// same size and the same offsets, whatever publisher they come from.
class bench_packets {
public:
  bench_packets(const bench_options& options, std::uint32_t run, std::uint32_t publisher);

  /// Bytes of one packet.
  std::size_t size() const noexcept { return packet_.size(); }

  /// Appends one packet to `out`.
  /// @param id written at QoS 1 and 2
  void append(std::vector<std::uint8_t>& out, std::uint32_t sequence,
              protocol::packet_id id) const {
    auto at = out.size();
    out.insert(out.end(), packet_.begin(), packet_.end());
    auto* packet = out.data() + at;
    std::memcpy(packet + sequence_offset_, &sequence, sizeof sequence);
    if (id_offset_ != 0) {
      packet[id_offset_] = static_cast<std::uint8_t>(id >> 8);
      packet[id_offset_ + 1] = static_cast<std::uint8_t>(id);
    }
  }

  /// Whether a packet that the broker sent begins like ours; false for any other, and for a DUP.
  /// @param packet at least `size()` bytes
  bool begins_alike(const std::uint8_t* packet) const noexcept {
    return std::memcmp(packet, packet_.data(), 4) == 0;
  }

  std::uint32_t publisher_of(const std::uint8_t* packet) const noexcept {
    return read(packet + sequence_offset_ - sizeof(std::uint32_t));
  }
  std::uint32_t sequence_of(const std::uint8_t* packet) const noexcept {
    return read(packet + sequence_offset_);
  }
  /// The packet identifier's two bytes. @pre QoS 1 or 2
  const std::uint8_t* id_of(const std::uint8_t* packet) const noexcept {
    return packet + id_offset_;
  }

private:
  static std::uint32_t read(const std::uint8_t* from) noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return value;
  }

  std::vector<std::uint8_t> packet_;
  std::size_t id_offset_ = 0; ///< 0: QoS 0
  std::size_t sequence_offset_ = 0;
};

/// Appends an acknowledgement in its short form, the same in every version.
inline void append_ack(std::vector<std::uint8_t>& out, protocol::packet_type type,
                       const std::uint8_t* id) {
  auto flags = type == protocol::packet_type::pubrel ? 2 : 0;
  std::uint8_t packet[] = {static_cast<std::uint8_t>(static_cast<int>(type) << 4 | flags), 2, id[0],
                           id[1]};
  out.insert(out.end(), packet, packet + sizeof packet);
}

} // namespace actorbus::demos
