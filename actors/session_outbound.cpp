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
  if (!pushed_back_.empty() || pushes_back()) {
    push_back(message);
    return;
  }
  deliver_now(message);
}

// Keeps publications as they came, and with them the frame that they came in: whoever sent it has
// not got the credit back, and waits. One who doesn't must not fill the memory.
void session_state::push_back(const actorbus::deliver& message) {
  auto bytes = message.batch->source.size;
  if (pushed_back_bytes_ + bytes > queue_limits_->bytes_max && !pushed_back_.empty()) {
    auto drop = [this](const delivery_range& range) {
      for (std::uint32_t i = 0; i < range.count; ++i)
        host_.dropped(reason_code::quota_exceeded);
    };
    drop(message.first);
    for (const auto& range : message.more)
      drop(range);
    return;
  }
  pushed_back_bytes_ += bytes;
  pushed_back_.push_back(message);
}

void session_state::take_pushed_back() {
  while (!pushed_back_.empty() && !pushes_back()) {
    auto message = pushed_back_.pop_front();
    pushed_back_bytes_ -= message.batch->source.size;
    deliver_now(message);
  }
}

void session_state::deliver_now(const actorbus::deliver& message) {
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
  return item.plain && queued_retained_ == 0 && (!item.retain || range.retain_as_published) &&
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
  auto must_wait = queued_retained_ > 0 && attached_ && !closing_;
  if (packet.qos == qos::at_most_once && !must_wait) {
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
  each.group = range.group;
  if (!identifiers.empty())
    each.identifiers =
        std::make_unique<std::vector<std::uint32_t>>(identifiers.begin(), identifiers.end());
  send_or_queue(std::move(each));
}

// Retained messages wait in the queue for their turn, however many there are; what is published
// meanwhile waits behind them, so that a topic's last message comes last.
void session_state::queue_retained(const message_ptr& value, const subscription_options& options) {
  outgoing each;
  each.value = value;
  each.quality = std::min(value->qos(), options.maximum_qos);
  each.retain = each.is_retained = true; // [v5:MQTT-3.3.1-8]
  if (options.identifier != 0)
    each.identifiers = std::make_unique<std::vector<std::uint32_t>>(1, options.identifier);
  ++queued_retained_;
  queue_.push_back(std::move(each));
}

void session_state::send_at_most_once(const protocol::publish& packet,
                                      std::span<const std::uint32_t> identifiers,
                                      std::optional<std::uint32_t> remaining_seconds) {
  if (!attached_ || closing_)
    return;
  if (outbound_full())
    host_.dropped(reason_code::quota_exceeded);
  else if (!encode(packet, identifiers, remaining_seconds)) // [v5:MQTT-3.1.2-25]
    host_.dropped(reason_code::packet_too_large);
}

void session_state::send_or_queue(outgoing item) {
  auto size = item.value->size_bytes();
  auto may_go = may_go_at_once();
  if (!has_room(size, may_go) && !make_room(size)) {
    refused_bytes_ =
        size <= queued_bytes_max() ? size : 0; // what never fits says nothing of others
    host_.dropped(reason_code::quota_exceeded);
    return;
  }
  refused_bytes_ = 0;
  stored_bytes_ += size;
  if (may_go)
    send_queued(std::move(item));
  else
    queue_.push_back(std::move(item));
}

bool session_state::may_go_at_once() const noexcept {
  return queue_.empty() && resend_.empty() && window_open() && !outbound_full();
}

std::size_t session_state::queued_bytes_max() const noexcept {
  return queue_limits_ ? queue_limits_->bytes_max : limits_->queued_bytes_max;
}

std::size_t session_state::queued_messages_max() const noexcept {
  return queue_limits_ ? queue_limits_->messages_max : limits_->queued_messages_max;
}

queue_overflow session_state::overflow() const noexcept {
  return queue_limits_ ? queue_limits_->overflow : queue_overflow::drop_newest;
}

// A limit of messages is known beforehand, one of bytes when a message has met it.
bool session_state::queue_full() const noexcept {
  if (!total_has_room())
    return true;
  switch (overflow()) {
  case queue_overflow::drop_oldest: return false;
  case queue_overflow::push_back: return pushed_back_bytes_ >= queued_bytes_max();
  case queue_overflow::drop_newest: break;
  }
  return stored_bytes_ + refused_bytes_ > queued_bytes_max() ||
         (queue_.size() - queued_retained_ >= queued_messages_max() && !may_go_at_once());
}

// Whether what comes is pushed back.
bool session_state::pushes_back() const noexcept {
  return overflow() == queue_overflow::push_back &&
         (queue_.size() - queued_retained_ >= queued_messages_max() ||
          stored_bytes_ >= queued_bytes_max());
}

// Whether more may wait in the whole broker.
bool session_state::total_has_room() const noexcept {
  return outbound_->queued_bytes.load(std::memory_order_relaxed) <
             limits_->queued_total_bytes_max &&
         outbound_->queued_messages.load(std::memory_order_relaxed) <
             limits_->queued_total_messages_max;
}

// @param goes at once, and not into the queue
bool session_state::has_room(std::size_t bytes, bool goes) const noexcept {
  // What was pushed back comes in whole frames: it may exceed the session's limit by one.
  return total_has_room() &&
         (overflow() == queue_overflow::push_back || has_room_of_its_own(bytes, goes));
}

bool session_state::has_room_of_its_own(std::size_t bytes, bool goes) const noexcept {
  return stored_bytes_ + bytes <= queued_bytes_max() &&
         (goes || queue_.size() - queued_retained_ < queued_messages_max());
}

// Throws away what has waited longest, if the queue is for that.
// @returns whether there is room now
bool session_state::make_room(std::size_t bytes) {
  if (overflow() != queue_overflow::drop_oldest || queued_messages_max() == 0)
    return false;
  while (!queue_.empty() && queued_retained_ == 0 && !has_room_of_its_own(bytes, false)) {
    stored_bytes_ -= queue_.pop_front().value->size_bytes();
    host_.dropped(reason_code::quota_exceeded);
  }
  return has_room(bytes, false);
}

// Takes the next identifier for a message and sends it.
void session_state::send_queued(outgoing item) {
  auto state = item.quality == qos::at_least_once ? awaiting::puback : awaiting::pubrec;
  send(window_.insert(state, std::move(item)), false);
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

// Whether the packet is so small that it is sent in any case: an alias that is given away with a
// packet that is then too large would never reach the client.
bool session_state::fits_with_alias(const protocol::publish& packet,
                                    std::size_t identifiers) const noexcept {
  constexpr std::size_t alias_bytes = 3;
  constexpr std::size_t identifier_bytes = 5;
  constexpr std::size_t length_bytes = 6; // the lengths of packet and properties may grow
  return protocol::encoded_size(packet, version_) + alias_bytes + length_bytes +
             identifiers * identifier_bytes <=
         client_packet_size_max_;
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
    if (alias_maximum_out_ != 0 && topic.size() > 3 &&
        fits_with_alias(packet, identifiers.size())) {
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
  pump_queue();
  while (!pushed_back_.empty() && !pushes_back()) {
    take_pushed_back();
    pump_queue();
  }
}

void session_state::pump_queue() {
  if (!attached_ || closing_)
    return;
  while (!resend_.empty() && window_open() && !outbound_full())
    resend_one();
  while (!queue_.empty() && resend_.empty() && !outbound_full()) {
    if (queue_.front().quality != qos::at_most_once && !window_open())
      return;
    auto item = queue_.pop_front();
    queued_retained_ -= item.is_retained ? 1 : 0;
    std::optional<std::uint32_t> left;
    if (item.value->expires()) {
      left = item.value->remaining_seconds(host_.now());
      if (item.value->expired(host_.now())) {
        stored_bytes_ -= item.is_retained ? 0 : item.value->size_bytes();
        host_.dropped(reason_code::success);
        continue;
      }
    }
    if (item.quality != qos::at_most_once) {
      if (item.is_retained)
        stored_bytes_ += item.value->size_bytes();
      send_queued(std::move(item));
      continue;
    }
    protocol::publish packet;
    packet.retain = item.retain;
    packet.topic = item.value->topic();
    packet.properties = item.value->properties();
    packet.payload = item.value->payload();
    if (!item.is_retained)
      stored_bytes_ -= item.value->size_bytes();
    send_at_most_once(packet, identifiers_of(item), left);
  }
}

// The next message that an earlier connection left unanswered, under its old identifier
// [v5:MQTT-4.4.0-1].
void session_state::resend_one() {
  auto* slot = window_.find(resend_.pop_front());
  if (slot && slot->state != awaiting::pubcomp) // its answer may have come meanwhile
    send(*slot, true);
}

void session_state::complete(window::slot& slot) {
  if (slot.value.on_wire)
    --on_wire_;
  release(slot);
  window_.erase(slot);
}

// The message itself is no longer needed: the client has it.
void session_state::release(window::slot& slot) {
  if (!slot.value.value)
    return;
  stored_bytes_ -= slot.value.value->size_bytes();
  slot.value.value = {};
  slot.value.identifiers = {};
}

bool session_state::window_open() const noexcept {
  return attached_ && !closing_ &&
         on_wire_ < std::min<std::uint32_t>(client_receive_maximum_, limits_->inflight_max);
}

std::size_t session_state::outbound_limit() const noexcept {
  if (meter_->stalled.load(std::memory_order_relaxed))
    return limits_->stalled_bytes_max;
  if (outbound_->bytes.load(std::memory_order_relaxed) <= limits_->outbound_total_bytes_max)
    return limits_->outbound_bytes_max;
  // Too much waits in all: everybody may have a fair share, so that a few who don't read take
  // nothing away from the others.
  auto channels = std::max<std::size_t>(1, outbound_->channels.load(std::memory_order_relaxed));
  return std::clamp(limits_->outbound_total_bytes_max / channels, limits_->stalled_bytes_max,
                    std::max(limits_->stalled_bytes_max, limits_->outbound_bytes_max));
}

bool session_state::outbound_full() const noexcept {
  return meter_ && !peer_gone_ && meter_->bytes() + to_client.size_bytes() >= outbound_limit();
}

std::span<const std::uint32_t> session_state::identifiers_of(const outgoing& item) noexcept {
  if (!item.identifiers)
    return {};
  return *item.identifiers;
}

} // namespace actorbus
