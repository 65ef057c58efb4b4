#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <actorbus/protocol/types.hpp>

namespace actorbus::protocol {

/// What a sender waits for.
enum class awaiting : std::uint8_t {
  nothing,
  puback,  ///< QoS 1 sent
  pubrec,  ///< QoS 2 sent
  pubcomp, ///< PUBREL sent: the message itself is no longer needed
  suback,
  unsuback,
};

/// The sender's side of the in-flight state, and its pool of packet identifiers: whatever waits
/// for an answer has a slot. Identifiers run on from 1 to the highest and round again, and skip
/// those in use. Allocation, look-up and release are O(1); memory is that of the slots in use, rounded
/// up to a power of two, and nothing while none ever was.
/// @tparam T what to keep until the answer comes, e.g. the message
template <class T>
class outbound_window {
public:
  struct slot {
    T value{};
    std::uint64_t sequence = 0; ///< order of sending
    protocol::packet_id packet_id = 0;
    awaiting state = awaiting::nothing;
  };

  /// @param highest identifier that is given away, 1 to 65 535
  explicit outbound_window(protocol::packet_id highest = 65'535) noexcept : highest_(highest) {}

  protocol::packet_id highest() const noexcept { return highest_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// Takes the next free identifier. @pre `size() < highest()`
  /// @returns the new slot; valid until the next `insert`
  slot& insert(awaiting state, T value) {
    if (size_ * 2 >= slots_.size() && slots_.size() < identifiers)
      grow();
    for (;;) {
      last_ = last_ == highest_ ? 1 : last_ + 1;
      auto& candidate = slots_[last_ & mask()];
      if (candidate.state == awaiting::nothing) {
        candidate.value = std::move(value);
        candidate.sequence = ++sequence_;
        candidate.packet_id = last_;
        candidate.state = state;
        ++size_;
        return candidate;
      }
    }
  }

  /// Puts back a slot with the identifier that it had, e.g. from a store. @pre not in use
  slot& restore(protocol::packet_id id, awaiting state, T value) {
    while (slots_.empty() || slots_[id & mask()].state != awaiting::nothing)
      grow();
    auto& place = slots_[id & mask()];
    place = slot{std::move(value), ++sequence_, id, state};
    last_ = id;
    ++size_;
    return place;
  }

  /// @returns the slot that waits under `id`, nullptr if none does
  slot* find(protocol::packet_id id) noexcept {
    if (slots_.empty())
      return nullptr;
    auto& candidate = slots_[id & mask()];
    return candidate.state != awaiting::nothing && candidate.packet_id == id ? &candidate : nullptr;
  }

  /// Frees a slot and its identifier. @pre `place` came from `find` or `insert`
  void erase(slot& place) noexcept {
    place.value = T{};
    place.state = awaiting::nothing;
    --size_;
  }

  /// All slots in use, in the order in which they were sent: for redelivery
  /// [v5:MQTT-4.4.0-1, MQTT-4.6.0-1]. Pointers are valid until the next `insert`.
  std::vector<slot*> in_order() {
    std::vector<slot*> result;
    result.reserve(size_);
    for (auto& each : slots_)
      if (each.state != awaiting::nothing)
        result.push_back(&each);
    std::sort(result.begin(), result.end(),
              [](const slot* a, const slot* b) { return a->sequence < b->sequence; });
    return result;
  }

  void clear() noexcept {
    slots_ = std::vector<slot>{};
    size_ = 0;
  }

private:
  static constexpr std::size_t identifiers = 65'536;

  std::size_t mask() const noexcept { return slots_.size() - 1; }

  // Slots lie at the identifier's lower bits; two that differ in these differ in more bits too,
  // so growing never collides.
  void grow() {
    std::vector<slot> wider(slots_.empty() ? 8 : slots_.size() * 2);
    for (auto& each : slots_)
      if (each.state != awaiting::nothing)
        wider[each.packet_id & (wider.size() - 1)] = std::move(each);
    slots_ = std::move(wider);
  }

  std::vector<slot> slots_;
  std::uint64_t sequence_ = 0;
  std::size_t size_ = 0;
  protocol::packet_id highest_;
  protocol::packet_id last_ = 0;
};

} // namespace actorbus::protocol
