#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include <actorbus/protocol/types.hpp>

namespace actorbus::protocol {

/// The receiver's side of QoS 2: identifiers of messages taken and not yet released by PUBREL
/// [v5:MQTT-4.3.3-10]. O(1); 8 KB while it holds any, nothing before the first.
class packet_id_set {
public:
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  bool contains(packet_id id) const noexcept {
    return words_ && ((*words_)[id / 64] >> (id % 64) & 1) != 0;
  }

  /// @returns false if `id` was there already: a duplicate
  bool insert(packet_id id) {
    if (!words_)
      words_ = std::make_unique<words>();
    auto bit = std::uint64_t{1} << (id % 64);
    auto& word = (*words_)[id / 64];
    if ((word & bit) != 0)
      return false;
    word |= bit;
    ++size_;
    return true;
  }

  /// @returns whether `id` was there
  bool erase(packet_id id) noexcept {
    if (!contains(id))
      return false;
    (*words_)[id / 64] &= ~(std::uint64_t{1} << (id % 64));
    --size_;
    return true;
  }

  void clear() noexcept {
    words_.reset();
    size_ = 0;
  }

private:
  using words = std::array<std::uint64_t, 1024>;

  std::unique_ptr<words> words_;
  std::size_t size_ = 0;
};

} // namespace actorbus::protocol
