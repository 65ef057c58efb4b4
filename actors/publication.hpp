#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <actorbus/actors/buffer.hpp>
#include <actorbus/actors/counted_ptr.hpp>
#include <actorbus/actors/time_point.hpp>
#include <actorbus/protocol/packets.hpp>

namespace actorbus {

/// One PUBLISH of a batch, decoded and checked: where its parts lie in the batch's frame.
struct publication {
  std::uint32_t offset = 0;          ///< of the packet, from the frame buffer's begin, bytes
  std::uint32_t size = 0;            ///< of the packet, bytes
  std::uint32_t topic_offset = 0;    ///< or index into the batch's `topics` if `aliased`
  std::uint32_t properties_size = 0; ///< they end where the payload begins
  std::uint32_t payload_offset = 0;  ///< the payload ends with the packet
  std::uint16_t topic_size = 0;
  protocol::qos qos{};
  bool retain : 1 = false;
  bool aliased : 1 = false; ///< the packet itself has a topic alias
  bool has_expiry : 1 = false;
  /// Its bytes can go to any client of the same version as they are: QoS 0, no DUP, no alias.
  bool plain : 1 = false;
};

class publication_batch;

/// A counted reference.
using publication_batch_ptr = counted_ptr<publication_batch>;

/// What one frame of a publisher held: shared by all sessions that receive some of it. One
/// allocation, with the publications behind it.
class publication_batch {
public:
  /// @param capacity publications that fit in
  static publication_batch_ptr make(std::size_t capacity);

  /// The same batch with room for more. @pre nobody else refers to `full`
  static publication_batch_ptr grown(publication_batch_ptr full);

  publication_batch(const publication_batch&) = delete;
  publication_batch& operator=(const publication_batch&) = delete;

  frame source;
  std::vector<std::string> topics; ///< resolved from aliases
  protocol::protocol_version version{};
  std::uint64_t publisher = 0; ///< subscriber id
  time_point received{};       ///< set if any has an expiry

  std::size_t size() const noexcept { return size_; }
  bool full() const noexcept { return size_ == capacity_; }

  /// @pre `!full()`
  void add(const publication& item) noexcept { data()[size_++] = item; }

  const publication& operator[](std::size_t index) const noexcept { return data()[index]; }

  std::string_view topic(const publication& of) const noexcept {
    if (of.aliased)
      return topics[of.topic_offset];
    return {reinterpret_cast<const char*>(source.bytes->data()) + of.topic_offset, of.topic_size};
  }

  protocol::byte_view payload(const publication& of) const noexcept {
    return {source.bytes->data() + of.payload_offset, of.offset + of.size - of.payload_offset};
  }

  protocol::properties_view properties(const publication& of) const noexcept {
    return protocol::properties_view{
        {source.bytes->data() + of.payload_offset - of.properties_size, of.properties_size}};
  }

  friend void intrusive_ptr_add_ref(publication_batch* self) noexcept {
    self->references_.fetch_add(1, std::memory_order_relaxed);
  }
  friend void intrusive_ptr_release(publication_batch* self) noexcept {
    if (self->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
      destroy(self);
  }

private:
  explicit publication_batch(std::size_t capacity) noexcept
      : capacity_(static_cast<std::uint32_t>(capacity)) {}
  ~publication_batch() = default;

  static void destroy(publication_batch* self) noexcept;

  publication* data() noexcept { return reinterpret_cast<publication*>(this + 1); }
  const publication* data() const noexcept {
    return reinterpret_cast<const publication*>(this + 1);
  }

  std::atomic<std::uint32_t> references_{1};
  std::uint32_t size_ = 0;
  std::uint32_t capacity_;
};

/// A run of neighbouring publications that one receiver gets alike.
struct delivery_range {
  std::uint32_t first = 0; ///< index into the batch
  std::uint32_t count = 0;
  protocol::qos maximum_qos{}; ///< what goes out is the lower of this and the publisher's
  bool retain_as_published = false;
  std::uint32_t identifiers_first = 0; ///< into `deliver::identifiers`
  std::uint32_t identifiers_count = 0;
  std::uint32_t group = 0; ///< the shared subscription that it came by; 0: subscriptions of its own
};

} // namespace actorbus
