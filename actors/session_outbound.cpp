// The messages for the client.

#include <actorbus/actors/session_state.hpp>

#include <algorithm>

#include <actorbus/protocol/encode.hpp>
#include <actorbus/protocol/keep_alive.hpp>

namespace actorbus {

using protocol::awaiting;
using protocol::property_id;
using protocol::qos;
using protocol::reason_code;

void session_state::deliver(const actorbus::deliver& message) {
  deliver_range(*message.batch, message.first, message.identifiers);
  for (const auto& range : message.more)
    deliver_range(*message.batch, range, message.identifiers);
}

void session_state::deliver_range(const publication_batch& batch, const delivery_range& range,
                                  std::span<const std::uint32_t> all_identifiers) {
  auto identifiers = all_identifiers.subspan(range.identifiers_first, range.identifiers_count);
  const auto* items = &batch[range.first];
  for (std::size_t i = 0; i < range.count;) {
    if (!is_plain(batch, items[i], range)) {
      deliver_one(batch, items[i++], range, identifiers);
      continue;
    }
    // Neighbours that go out as they came in are handed on together.
    auto end = items[i].offset + items[i].size;
    auto next = i + 1;
    while (next < range.count && items[next].offset == end && is_plain(batch, items[next], range))
      end += items[next++].size;
    if (outbound_full()) {
      for (auto k = i; k < next; ++k)
        host_.dropped(reason_code::quota_exceeded);
    } else {
      to_client.append(frame{batch.source.bytes, items[i].offset, end - items[i].offset});
      publishes_sent += static_cast<std::uint32_t>(next - i);
    }
    i = next;
  }
}

// Whether the packet's own bytes are what this client is to get.
bool session_state::is_plain(const publication_batch& batch, const publication& item,
                             const delivery_range& range) const noexcept {
  return item.plain && (!item.retain || range.retain_as_published) &&
         range.identifiers_count == 0 && alias_maximum_out_ == 0 && attached_ && !closing_ &&
         is_v5() == (batch.version == protocol::protocol_version::v5) &&
         item.size <= client_packet_size_max_;
}

void session_state::deliver_one(const publication_batch& batch, const publication& item,
                                const delivery_range& range,
                                std::span<const std::uint32_t> identifiers) {
  protocol::publish packet;
  packet.qos = std::min(item.qos, range.maximum_qos);
  packet.retain = item.retain && range.retain_as_published;
  packet.topic = batch.topic(item);
  packet.properties = batch.properties(item);
  packet.payload = batch.payload(item);
  packet.has_message_expiry = item.has_expiry;
  if (item.has_expiry)
    packet.message_expiry_interval_seconds =
        packet.properties.number(property_id::message_expiry_interval).value_or(0);
  if (packet.qos == qos::at_most_once) {
    if (item.has_expiry) {
      auto left = protocol::remaining_seconds(
          packet.message_expiry_interval_seconds,
          std::chrono::duration_cast<std::chrono::milliseconds>(host_.now() - batch.received));
      if (left == 0)
        return host_.dropped(reason_code::success);
      send_at_most_once(packet, identifiers, left);
    } else {
      send_at_most_once(packet, identifiers, std::nullopt);
    }
    return;
  }
  outgoing each;
  each.value = message::make(packet, batch.version, batch.source, batch.received);
  each.quality = packet.qos;
  each.retain = packet.retain;
  if (!identifiers.empty())
    each.identifiers =
        std::make_unique<std::vector<std::uint32_t>>(identifiers.begin(), identifiers.end());
  send_or_queue(std::move(each));
}

void session_state::deliver_retained(const message_ptr& value,
                                     const subscription_options& options) {
  outgoing each;
  each.value = value;
  each.quality = std::min(value->qos(), options.maximum_qos);
  each.retain = true; // [v5:MQTT-3.3.1-8]
  if (options.identifier != 0)
    each.identifiers = std::make_unique<std::vector<std::uint32_t>>(1, options.identifier);
  if (each.quality != qos::at_most_once) {
    send_or_queue(std::move(each));
    return;
  }
  protocol::publish packet;
  packet.retain = true;
  packet.topic = value->topic();
  packet.properties = value->properties();
  packet.payload = value->payload();
  std::optional<std::uint32_t> left;
  if (value->expires())
    left = value->remaining_seconds(host_.now());
  send_at_most_once(packet, identifiers_of(each), left);
}

void session_state::send_at_most_once(const protocol::publish& packet,
                                      std::span<const std::uint32_t> identifiers,
                                      std::optional<std::uint32_t> remaining_seconds) {
  if (!attached_ || closing_)
    return;
  if (outbound_full())
    host_.dropped(reason_code::quota_exceeded);
  else
    encode(packet, identifiers, remaining_seconds);
}

void session_state::send_or_queue(outgoing item) {
  if (queue_.empty() && resend_.empty() && window_open() && !outbound_full()) {
    auto state = item.quality == qos::at_least_once ? awaiting::puback : awaiting::pubrec;
    send(window_.insert(state, std::move(item)), false);
    return;
  }
  auto size = item.value->size_bytes();
  if (queue_.size() >= limits_.queued_messages_max ||
      queued_bytes_ + size > limits_.queued_bytes_max) {
    host_.dropped(reason_code::quota_exceeded);
    return;
  }
  queued_bytes_ += size;
  queue_.push_back(std::move(item));
}

void session_state::send(window::slot& slot, bool again) {
  const auto& value = *slot.value.value;
  protocol::publish packet;
  packet.dup = again;
  packet.qos = slot.value.quality;
  packet.retain = slot.value.retain;
  packet.packet_id = slot.packet_id;
  packet.topic = value.topic();
  packet.properties = value.properties();
  packet.payload = value.payload();
  std::optional<std::uint32_t> left;
  if (value.expires())
    left = value.remaining_seconds(host_.now());
  slot.value.on_wire = true;
  ++on_wire_;
  if (!encode(packet, identifiers_of(slot.value), left)) {
    // Too large for this client: it counts as delivered [v5:MQTT-3.1.2-25].
    host_.dropped(reason_code::packet_too_large);
    complete(slot);
  }
}

// Puts a PUBLISH into the client's frame, with what changes on the way: identifiers of its
// subscriptions, what is left of the expiry, an alias of this connection.
// @returns false if it is larger than the client accepts
bool session_state::encode(protocol::publish packet, std::span<const std::uint32_t> identifiers,
                           std::optional<std::uint32_t> remaining_seconds) {
  protocol::property_list properties;
  if (is_v5()) {
    auto topic = packet.topic;
    protocol::outbound_aliases::use alias;
    if (alias_maximum_out_ != 0 && topic.size() > 3) {
      if (!aliases_)
        make_aliases();
      alias = aliases_->outbound.assign(topic);
      if (alias.alias != 0 && !alias.is_new)
        packet.topic = {};
    }
    auto changes = alias.alias != 0 || remaining_seconds || !identifiers.empty() ||
                   (!packet.properties.empty() &&
                    packet.properties.number(property_id::topic_alias).has_value());
    if (changes) {
      for (const auto& each : packet.properties) {
        if (each.id == property_id::topic_alias)
          continue;
        if (each.id == property_id::message_expiry_interval && remaining_seconds)
          properties.add(each.id, *remaining_seconds);
        else
          properties.add(each);
      }
      for (auto identifier : identifiers)
        properties.add(property_id::subscription_identifier, identifier);
      if (alias.alias != 0)
        properties.add(property_id::topic_alias, alias.alias);
      packet.properties = properties;
    }
  } else {
    packet.properties = {};
  }
  if (client_packet_size_max_ != protocol::packet_size_bytes_max &&
      protocol::encoded_size(packet, version_) > client_packet_size_max_)
    return false;
  to_client.encode(packet, version_);
  ++publishes_sent;
  return true;
}

void session_state::pump() {
  if (!attached_ || closing_)
    return;
  while (!resend_.empty() && window_open() && !outbound_full())
    resend_one();
  while (!queue_.empty() && resend_.empty() && window_open() && !outbound_full()) {
    auto item = queue_.pop_front();
    queued_bytes_ -= item.value->size_bytes();
    if (item.value->expires() && item.value->expired(host_.now())) {
      host_.dropped(reason_code::success);
      continue;
    }
    auto state = item.quality == qos::at_least_once ? awaiting::puback : awaiting::pubrec;
    send(window_.insert(state, std::move(item)), false);
  }
}

// The next message that an earlier connection left unanswered, under its old identifier
// [v5:MQTT-4.4.0-1].
void session_state::resend_one() {
  auto* slot = window_.find(resend_.pop_front());
  if (!slot)
    return;
  if (slot->state != awaiting::pubcomp) {
    send(*slot, true);
    return;
  }
  slot->value.on_wire = true;
  ++on_wire_;
  to_client.acknowledge(protocol::packet_type::pubrel, slot->packet_id);
}

void session_state::complete(window::slot& slot) {
  if (slot.value.on_wire)
    --on_wire_;
  window_.erase(slot);
}

bool session_state::window_open() const noexcept {
  return attached_ && !closing_ &&
         on_wire_ < std::min<std::uint32_t>(client_receive_maximum_, limits_.inflight_max);
}

bool session_state::waits_for_outbound() const noexcept {
  return attached_ && !closing_ && (!queue_.empty() || !resend_.empty()) && outbound_full();
}

std::size_t session_state::outbound_limit() const noexcept {
  auto squeezed =
      meter_->stalled.load(std::memory_order_relaxed) ||
      outbound_total_->load(std::memory_order_relaxed) > limits_.outbound_total_bytes_max;
  return squeezed ? limits_.stalled_bytes_max : limits_.outbound_bytes_max;
}

bool session_state::outbound_full() const noexcept {
  return meter_ && meter_->bytes() + to_client.size_bytes() >= outbound_limit();
}

std::span<const std::uint32_t> session_state::identifiers_of(const outgoing& item) noexcept {
  if (!item.identifiers)
    return {};
  return *item.identifiers;
}

} // namespace actorbus
