#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <actorbus/actors/buffer.hpp>
#include <actorbus/actors/client_options.hpp>

namespace actorbus {

/// A message whose payload the application writes where it is sent from: header and payload lie in
/// one buffer, as they do on the wire, and every receiver in the process reads that buffer. So the
/// payload is never copied. (An `outgoing_message`'s payload is copied once, when it is encoded.)
///
/// Belongs to who made it until it is published; then to nobody.
class prepared_message {
public:
  prepared_message() = default;

  /// @param head         topic, QoS, retain flag and properties; its payload is not looked at
  /// @param payload_size bytes, all of which are then to be written; together with the head at most
  ///                     `protocol::packet_size_bytes_max`
  /// @param version      of the client that will publish it
  prepared_message(const outgoing_message& head, std::size_t payload_size,
                   protocol::protocol_version version = protocol::protocol_version::v5);

  prepared_message(prepared_message&&) noexcept = default;
  prepared_message& operator=(prepared_message&&) noexcept = default;
  // CAF wants messages that can be copied. A copy shares the payload until either is published.
  prepared_message(const prepared_message&) = default;
  prepared_message& operator=(const prepared_message&) = default;

  /// Where the payload belongs. Empty after the message was published.
  std::span<std::uint8_t> payload() noexcept;

  std::string_view topic() const noexcept;
  protocol::qos qos() const noexcept { return qos_; }
  bool retain() const noexcept { return retain_; }
  protocol::protocol_version version() const noexcept { return version_; }
  std::size_t size_bytes() const noexcept { return packet_.size; }
  /// Its message expiry interval, if it has one.
  std::optional<std::uint32_t> expiry_seconds() const noexcept;
  /// Where that lies in the packet, bytes; 0: it has none.
  std::uint32_t expiry_offset() const noexcept { return expiry_offset_; }
  /// Says another one. @pre it has one
  void expire_after(std::uint32_t seconds);

  explicit operator bool() const noexcept { return packet_.bytes != nullptr; }

  /// The packet, with its identifier: what a client does with it.
  /// @pre not published yet
  frame publish_as(protocol::packet_id id, credit_account_ptr payer);

private:
  void make_own();

  frame packet_;
  std::uint32_t topic_offset_ = 0;
  std::uint32_t payload_offset_ = 0;
  std::uint32_t expiry_offset_ = 0;
  std::uint16_t topic_size_ = 0;
  protocol::qos qos_{};
  protocol::protocol_version version_{};
  bool retain_ = false;
};

} // namespace actorbus
