#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <actorbus/actors/buffer.hpp>
#include <actorbus/actors/time_point.hpp>
#include <actorbus/protocol/packets.hpp>

namespace actorbus {

class message_ptr;

/// A PUBLISH that outlives the frame it came in: retained, queued, in flight or a will.
/// Immutable and shared. Small ones are copied, so that a short message doesn't keep the 64 KB
/// alive that it arrived with; large ones keep a reference to their frame instead.
class message {
public:
  /// @param packet   topic resolved; its views point into `source` or anywhere that lives as
  ///                 long as the call
  /// @param source   the frame that the views lie in, or an empty one: copies then
  /// @param received when it arrived, for its expiry
  static message_ptr make(const protocol::publish& packet, protocol::protocol_version origin,
                          const frame& source, time_point received);

  std::string_view topic() const noexcept { return topic_; }
  protocol::properties_view properties() const noexcept {
    return protocol::properties_view{properties_}; ///< without topic alias and identifiers
  }
  protocol::byte_view payload() const noexcept { return payload_; }
  protocol::qos qos() const noexcept { return qos_; }
  bool retain() const noexcept { return retain_; }

  /// Bytes that it occupies, for quotas.
  std::size_t size_bytes() const noexcept {
    return sizeof(message) + topic_.size() + properties_.size() + payload_.size();
  }

  /// When it expires, if it does.
  std::optional<time_point> expires() const noexcept;

  /// Seconds left, for the message expiry interval that goes out; rounded up.
  /// @pre `expires()`
  std::uint32_t remaining_seconds(time_point now) const noexcept;

  /// When it arrived.
  time_point received() const noexcept { return received_; }

  /// Its properties with what is left of the expiry after a wait [v5:MQTT-3.3.2-6].
  protocol::property_list properties_after(std::chrono::milliseconds waited) const;

  bool expired(time_point now) const noexcept {
    auto deadline = expires();
    return deadline && now >= *deadline;
  }

private:
  friend class message_ptr;
  message() = default;

  std::atomic<std::uint32_t> references_{1};
  protocol::qos qos_{};
  bool retain_ = false;
  bool has_expiry_ = false;
  std::uint32_t expiry_seconds_ = 0;
  time_point received_{};
  std::string_view topic_;
  protocol::byte_view properties_;
  protocol::byte_view payload_;
  buffer_ptr source_;
};

/// A counted reference to a message.
class message_ptr {
public:
  message_ptr() noexcept = default;
  message_ptr(const message_ptr& other) noexcept : target_(other.target_) {
    if (target_)
      target_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  message_ptr(message_ptr&& other) noexcept : target_(std::exchange(other.target_, nullptr)) {}
  message_ptr& operator=(message_ptr other) noexcept {
    std::swap(target_, other.target_);
    return *this;
  }
  ~message_ptr() {
    if (target_ && target_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
      destroy(target_);
  }

  const message* operator->() const noexcept { return target_; }
  const message& operator*() const noexcept { return *target_; }
  explicit operator bool() const noexcept { return target_ != nullptr; }

private:
  friend class message;
  explicit message_ptr(message* adopted) noexcept : target_(adopted) {}
  static void destroy(message* target) noexcept;

  message* target_ = nullptr;
};

} // namespace actorbus
