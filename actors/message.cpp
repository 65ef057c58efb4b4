#include <actorbus/actors/message.hpp>

#include <chrono>
#include <cstring>
#include <functional>
#include <new>

#include <actorbus/protocol/keep_alive.hpp>

namespace actorbus {

using protocol::byte_view;
using protocol::property_id;

namespace {

/// Smaller messages are always copied: that is cheaper than to keep a frame.
constexpr std::size_t referred_bytes_min = 1024;

/// Whether a property concerns one connection or subscription, and not the message itself.
bool is_of_transfer(property_id id) noexcept {
  return id == property_id::topic_alias || id == property_id::subscription_identifier ||
         id == property_id::will_delay_interval;
}

/// The properties that go with the message wherever it goes: `all`, or what `kept` holds of them.
byte_view lasting_properties(protocol::properties_view all, protocol::property_list& kept) {
  auto has_other = false;
  for (const auto& each : all)
    has_other |= is_of_transfer(each.id);
  if (!has_other)
    return all.raw();
  for (const auto& each : all)
    if (!is_of_transfer(each.id))
      kept.add(each);
  return kept.view().raw();
}

bool lies_in(byte_view part, const buffer& whole) noexcept {
  std::less_equal<const std::uint8_t*> not_behind;
  return not_behind(whole.data(), part.data()) &&
         not_behind(part.data() + part.size(), whole.data() + whole.capacity());
}

} // namespace

message_ptr message::make(const protocol::publish& packet, protocol::protocol_version origin,
                          const frame& source, time_point received) {
  protocol::property_list kept;
  byte_view parts[] = {protocol::as_bytes(packet.topic), {}, packet.payload};
  if (origin == protocol::protocol_version::v5)
    parts[1] = lasting_properties(packet.properties, kept);

  auto size = parts[0].size() + parts[1].size() + parts[2].size();
  auto may_refer =
      source.bytes && size >= referred_bytes_min && size >= source.bytes->capacity() / 2;
  auto stays = [&](byte_view part) { return may_refer && lies_in(part, *source.bytes); };
  std::size_t copied = 0;
  for (auto part : parts)
    copied += stays(part) ? 0 : part.size();

  auto* memory = ::operator new(sizeof(message) + copied);
  auto* made = new (memory) message;
  auto* at = reinterpret_cast<std::uint8_t*>(made + 1);
  for (auto& part : parts) {
    if (part.empty() || stays(part))
      continue;
    std::memcpy(at, part.data(), part.size());
    part = {at, part.size()};
    at += part.size();
  }
  made->topic_ = protocol::as_text(parts[0]);
  made->properties_ = parts[1];
  made->payload_ = parts[2];
  if (copied < size) {
    made->source_ = source.bytes;
    source.bytes->discharge(); // whoever keeps messages has limits for them
  }
  made->qos_ = packet.qos;
  made->retain_ = packet.retain;
  made->has_expiry_ = packet.has_message_expiry;
  made->expiry_seconds_ = packet.message_expiry_interval_seconds;
  made->received_ = received;
  return message_ptr{made};
}

std::optional<time_point> message::expires() const noexcept {
  if (!has_expiry_)
    return std::nullopt;
  return received_ + std::chrono::seconds{expiry_seconds_};
}

std::uint32_t message::remaining_seconds(time_point now) const noexcept {
  auto elapsed = std::chrono::floor<std::chrono::milliseconds>(now - received_);
  return protocol::remaining_seconds(expiry_seconds_, elapsed);
}

protocol::property_list message::properties_after(std::chrono::milliseconds waited) const {
  protocol::property_list result;
  for (const auto& each : properties()) {
    if (each.id == property_id::message_expiry_interval)
      result.add(each.id, protocol::remaining_seconds(expiry_seconds_, waited));
    else
      result.add(each);
  }
  return result;
}

void message_ptr::destroy(message* target) noexcept {
  target->~message();
  ::operator delete(target);
}

} // namespace actorbus
