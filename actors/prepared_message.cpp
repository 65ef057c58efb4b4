#include <actorbus/actors/prepared_message.hpp>

#include <cstring>
#include <utility>

#include <actorbus/protocol/encode.hpp>
#include <actorbus/protocol/encode_body.hpp>
#include <actorbus/protocol/wire_reader.hpp>
#include <actorbus/protocol/wire_writer.hpp>

namespace actorbus {

namespace {

// Where the value lies among the properties.
std::optional<std::size_t> offset_of_expiry(protocol::properties_view properties) {
  protocol::property_list before;
  for (const auto& each : properties) {
    if (each.id == protocol::property_id::message_expiry_interval)
      return before.view().raw().size() + 1;
    before.add(each);
  }
  return std::nullopt;
}

} // namespace

prepared_message::prepared_message(const outgoing_message& head, std::size_t payload_size,
                                   protocol::protocol_version version)
    : topic_size_(static_cast<std::uint16_t>(head.topic.size())),
      qos_(head.qos),
      version_(version),
      retain_(head.retain) {
  protocol::publish packet;
  packet.qos = head.qos;
  packet.retain = head.retain;
  packet.topic = head.topic;
  packet.properties = head.properties;
  auto body = protocol::body_size(packet, version) + payload_size;
  auto length = protocol::variable_byte_integer_size(static_cast<std::uint32_t>(body));
  auto size = 1 + length + body;
  packet_ = {buffer::make(size), 0, static_cast<std::uint32_t>(size)};
  payload_offset_ = static_cast<std::uint32_t>(size - payload_size);
  topic_offset_ = static_cast<std::uint32_t>(1 + length + 2);
  if (version == protocol::protocol_version::v5)
    if (auto within = offset_of_expiry(head.properties))
      expiry_offset_ = static_cast<std::uint32_t>(payload_offset_ -
                                                  head.properties.view().raw().size() + *within);
  packet.payload = payload(); // for its size
  protocol::encode_head(packet, version, packet_.bytes->data());
}

std::span<std::uint8_t> prepared_message::payload() noexcept {
  if (!packet_.bytes)
    return {};
  return {packet_.bytes->data() + payload_offset_, packet_.size - payload_offset_};
}

std::string_view prepared_message::topic() const noexcept {
  if (!packet_.bytes)
    return {};
  return {reinterpret_cast<const char*>(packet_.bytes->data()) + topic_offset_, topic_size_};
}

// It may have been copied, and the copy published already.
void prepared_message::make_own() {
  if (packet_.bytes->unique())
    return;
  auto own = buffer::make(packet_.size);
  std::memcpy(own->data(), packet_.view().data(), packet_.size);
  packet_.bytes = std::move(own);
}

std::optional<std::uint32_t> prepared_message::expiry_seconds() const noexcept {
  if (expiry_offset_ == 0 || !packet_.bytes)
    return std::nullopt;
  return protocol::wire_reader{packet_.view().subspan(expiry_offset_, 4)}.four_byte_integer();
}

void prepared_message::expire_after(std::uint32_t seconds) {
  if (expiry_seconds() == seconds)
    return;
  make_own();
  protocol::wire_writer{packet_.bytes->data() + expiry_offset_}.four_byte_integer(seconds);
}

frame prepared_message::publish_as(protocol::packet_id id, credit_account_ptr payer) {
  make_own();
  if (qos_ != protocol::qos::at_most_once) {
    auto* at = packet_.bytes->data() + topic_offset_ + topic_size_;
    at[0] = static_cast<std::uint8_t>(id >> 8);
    at[1] = static_cast<std::uint8_t>(id);
  }
  if (payer)
    packet_.bytes->charge_to(std::move(payer));
  return std::exchange(packet_, {});
}

} // namespace actorbus
