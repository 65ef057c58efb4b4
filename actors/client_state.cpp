// What the application wants of a client: connections and publishes.

#include <actorbus/actors/client_state.hpp>

#include <algorithm>
#include <cstring>

#include <actorbus/protocol/encode.hpp>
#include <actorbus/protocol/topic.hpp>
#include <actorbus/protocol/utf8.hpp>

namespace actorbus {

using protocol::awaiting;
using protocol::errc;
using protocol::property_id;
using protocol::qos;
using protocol::reason_code;

namespace {

// Packet identifiers: of 65,535 some are left for SUBSCRIBE and UNSUBSCRIBE.
constexpr std::size_t publish_slots = 64'000;

/// From so many bytes on a message of QoS 1 or 2 is kept as it was sent instead of a second time.
constexpr std::size_t keep_encoded_bytes_min = 4 * 1024;

protocol::publish to_packet(const outgoing_message& message) {
  protocol::publish packet;
  packet.qos = message.qos;
  packet.retain = message.retain;
  packet.topic = message.topic;
  packet.payload = protocol::as_bytes(message.payload);
  packet.properties = message.properties;
  return packet;
}

// What a broker would end the connection for is not sent.
errc fault_of_topic(std::string_view topic) noexcept {
  if (auto fault = protocol::check_topic_name(topic); fault != errc::none)
    return fault;
  return protocol::check_utf8(topic);
}

// Changes what differs when a PUBLISH of QoS 1 or 2 is sent again.
void rewrite(std::uint8_t* packet, protocol::packet_id id, bool dup) noexcept {
  packet[0] = static_cast<std::uint8_t>((packet[0] & ~0x08) | (dup ? 0x08 : 0));
  auto* at = packet + 1;
  while ((*at++ & 0x80) != 0) {
    // the length
  }
  at += 2 + (at[0] << 8 | at[1]);
  at[0] = static_cast<std::uint8_t>(id >> 8);
  at[1] = static_cast<std::uint8_t>(id);
}

} // namespace

outcome client_state::refused(reason_code code) {
  return {code, std::string{protocol::to_string(code)}};
}

outcome client_state::refused(errc cause, std::string_view name) {
  return {protocol::to_reason_code(cause),
          std::string{name} + ": " + std::string{protocol::to_string(cause)}};
}

void client_state::tell(const completion& done, outcome result) {
  if (done)
    done(std::move(result));
}

client_state::client_state(client_options options, client_events events, credit_account_ptr payer,
                           clock now)
    : to_broker(payer),
      options_(std::move(options)),
      events_(std::move(events)),
      payer_(std::move(payer)),
      now_(std::move(now)),
      aliases_(options_.topic_alias_maximum) {}

// -- connection ----------------------------------------------------------------------------------

void client_state::connect(completion done) {
  connecting_ = std::move(done);
  aliases_ = protocol::inbound_aliases{options_.topic_alias_maximum};
  keep_alive_seconds_ = options_.keep_alive_seconds;
  failure.reset();
  awaits_ping_ = false;
  ++connection_;
  protocol::connect packet;
  packet.version = options_.version;
  // A session that is meant to outlive its connection is come back to.
  packet.clean_start = options_.clean_start && !(was_welcome_ && keeps_session());
  // A session that nobody can name can't be come back to [v3:MQTT-3.1.3-7].
  if (options_.client_id.empty() && options_.version != protocol::protocol_version::v5)
    packet.clean_start = true;
  begins_anew_ = packet.clean_start;
  packet.keep_alive_seconds = options_.keep_alive_seconds;
  packet.client_id = options_.client_id;
  packet.user_name = options_.user_name;
  if (options_.password)
    packet.password = protocol::as_bytes(*options_.password);

  auto properties = options_.properties;
  auto add = [&](property_id id, std::uint32_t value, std::uint32_t default_value) {
    if (value != default_value)
      properties.add(id, value);
  };
  add(property_id::session_expiry_interval, options_.session_expiry_seconds, 0);
  add(property_id::receive_maximum, options_.receive_maximum, 65'535);
  add(property_id::maximum_packet_size, options_.packet_size_bytes_max, 0);
  add(property_id::topic_alias_maximum, options_.topic_alias_maximum, 0);
  exchange_.reset();
  if (options_.authentication) {
    auto first_words = begin_exchange();
    if (!first_words)
      return;
    for (const auto& each : first_words->view())
      properties.add(each);
  }
  packet.properties = properties;

  protocol::property_list will_properties;
  if (options_.will) {
    const auto& message = options_.will->message;
    will_properties = message.properties;
    if (options_.will->delay_seconds != 0)
      will_properties.add(property_id::will_delay_interval, options_.will->delay_seconds);
    packet.will = protocol::will{message.topic, protocol::as_bytes(message.payload), message.qos,
                                 message.retain, will_properties};
  }
  to_broker.encode(packet, options_.version);
}

void client_state::disconnect(reason_code reason, const protocol::property_list& properties) {
  if (connected_)
    to_broker.encode(protocol::disconnect{reason, properties}, options_.version);
  connected_ = false;
}

void client_state::ping() {
  awaits_ping_ = true;
  to_broker.encode(protocol::pingreq{}, options_.version);
}

bool client_state::keeps_session() const noexcept {
  return options_.version == protocol::protocol_version::v5 ? options_.session_expiry_seconds != 0
                                                            : !options_.clean_start;
}

// Without a session a message of QoS 1 can be sent again, at worst twice. One of QoS 2 must not be.
bool client_state::outlives_session(const window::slot& slot) const noexcept {
  if (!options_.reconnect)
    return false;
  return slot.value.list ? !slot.value.list->again : slot.state == awaiting::puback;
}

void client_state::lost(const outcome& why) {
  auto was_connected = std::exchange(connected_, false);
  to_broker.clear();
  unacknowledged_.clear();
  resend_.clear();
  exchange_.reset();
  if (auto done = std::exchange(connecting_, nullptr))
    done(why);
  if (was_connected && events_.on_disconnected) // before any operation fails for it
    events_.on_disconnected(why);
  if (auto done = std::exchange(reauthenticated_, nullptr))
    done(why);
  for (auto* slot : window_.in_order())
    if (!outlives_session(*slot) && (slot->value.list || !keeps_session()))
      finish(*slot, fate_of(slot->value, why));
    else if (std::exchange(slot->value.on_wire, false))
      --publishes_in_flight_;
}

// Of what was sent nobody can say whether it arrived.
outcome client_state::fate_of(const operation& item, const outcome& why) {
  if (!item.was_sent)
    return why;
  auto result = why;
  result.how = ending::unsettled;
  result.text += ": not known to be delivered";
  return result;
}

void client_state::abandon(const outcome& why) {
  lost(why);
  for (auto* slot : window_.in_order())
    finish(*slot, fate_of(slot->value, why));
  while (!waiting_.empty())
    if (auto item = take_waiting(); !item.dropped)
      tell(item.done, fate_of(item, why));
  while (!lists_waiting_.empty())
    tell(lists_waiting_.pop_front().done, why);
}

void client_state::forget_handlers() {
  subscriptions_ = {};
  events_ = {};
}

// The broker has the session: what an earlier connection left unanswered goes out again, in its
// order and under the same identifiers [v5:MQTT-4.4.0-1, MQTT-4.6.0-1].
void client_state::resume() {
  for (auto* slot : window_.in_order())
    resend_.push_back(slot->packet_id);
  send_rest();
}

// The broker has no session of ours [v5:MQTT-3.2.2-5]. What can be done once more without one
// begins anew; of the rest nobody knows what became.
void client_state::begin_anew() {
  received_.clear();
  std::vector<protocol::packet_id> lists;
  auto slots = window_.in_order();
  for (auto at = slots.rbegin(); at != slots.rend(); ++at) // the newest first, to be put in front
    if (!outlives_session(**at))
      continue;
    else if ((*at)->value.list)
      lists.push_back((*at)->packet_id);
    else
      put_back(**at);
  for (auto* slot : window_.in_order())
    if (!outlives_session(*slot))
      finish(*slot, fate_of(slot->value,
                            {reason_code::server_unavailable, "the broker has lost the session"}));
  for (const auto& each : subscriptions_.all())
    if (each->stands)
      send_again(each, false);
  for (auto at = lists.rbegin(); at != lists.rend(); ++at)
    if (auto* slot = window_.find(*at))
      encode_list(*slot);
}

// As much of what is to be sent again as the broker takes at a time.
void client_state::send_rest() {
  while (!resend_.empty()) {
    auto* slot = window_.find(resend_.front());
    if (slot && slot->value.list)
      encode_list(*slot);
    else if (slot && slot->state == awaiting::pubcomp)
      to_broker.acknowledge(protocol::packet_type::pubrel, slot->packet_id);
    else if (slot && publishes_in_flight_ >= broker_receive_maximum_)
      return;
    else if (slot)
      send_publish(*slot, true);
    resend_.pop_front();
  }
}

// -- publish -------------------------------------------------------------------------------------

void client_state::publish(outgoing_message message, completion done) {
  if (auto fault = fault_of_topic(message.topic); fault != errc::none)
    return tell(done, refused(fault, message.topic));
  operation item;
  item.message = std::move(message);
  item.done = std::move(done);
  enqueue(std::move(item));
}

void client_state::publish(prepared_message message, completion done) {
  if (!message)
    return tell(done, {reason_code::protocol_error, "the message was published before"});
  if (message.version() != options_.version)
    return tell(done, {reason_code::unsupported_protocol_version,
                       "the message was prepared for another version of MQTT"});
  if (auto fault = fault_of_topic(message.topic()); fault != errc::none)
    return tell(done, refused(fault, message.topic()));
  if (sends_at_once(message.qos()))
    return send_prepared(message, done);
  operation item;
  item.message.qos = message.qos();
  item.message.retain = message.retain();
  item.prepared = std::make_unique<prepared_message>(std::move(message));
  item.done = std::move(done);
  enqueue(std::move(item));
}

void client_state::pump() {
  if (!connected_)
    return;
  while (!lists_waiting_.empty())
    send_list(lists_waiting_.pop_front());
  if (!resend_.empty())
    send_rest();
  if (!resend_.empty())
    return;
  while (!waiting_.empty() && !payer_->exhausted()) {
    const auto& next = waiting_.front();
    auto needs_window = !next.dropped && next.message.qos != qos::at_most_once;
    if (needs_window &&
        (publishes_in_flight_ >= broker_receive_maximum_ || window_.size() >= publish_slots))
      return;
    if (auto item = take_waiting(); !item.dropped)
      send(std::move(item));
  }
}

// Whether a publish needs no place in the queue: at QoS 0, with nothing ahead of it and nothing that
// keeps it from being sent, nobody will ask for it again.
bool client_state::sends_at_once(qos quality) const noexcept {
  return quality == qos::at_most_once && connected_ && waiting_.empty() && lists_waiting_.empty() &&
         resend_.empty() && !payer_->exhausted();
}

// At QoS 0.
void client_state::send_prepared(prepared_message& message, const completion& done) {
  auto code = refusal_of(qos::at_most_once, message.retain(), message.size_bytes());
  if (code != reason_code::success)
    return tell(done, refused(code));
  to_broker.append(message.publish_as(0, payer_));
  tell(done, {});
}

void client_state::send(operation item) {
  if (item.expires != never) {
    auto time = now_();
    if (time >= item.expires)
      return tell(item.done, expired());
    shorten(item, time);
  }
  auto quality = item.message.qos;
  if (item.prepared && quality == qos::at_most_once)
    return send_prepared(*item.prepared, item.done);
  protocol::publish packet;
  std::size_t size = 0;
  if (item.prepared) {
    size = item.prepared->size_bytes();
  } else if (item.encoded.bytes) {
    size = item.encoded.size;
  } else {
    packet = to_packet(item.message);
    packet.packet_id = quality == qos::at_most_once ? 0 : 1;
    size = protocol::encoded_size(packet, options_.version);
  }
  if (auto code = refusal_of(quality, item.message.retain, size); code != reason_code::success)
    return tell(item.done, refused(code));
  if (quality == qos::at_most_once) {
    to_broker.encode(packet, options_.version);
    return tell(item.done, {});
  }
  auto state = quality == qos::at_least_once ? awaiting::puback : awaiting::pubrec;
  auto is_large = !item.prepared && !item.encoded.bytes && size >= keep_encoded_bytes_min;
  auto& slot = window_.insert(state, std::move(item));
  auto& placed = slot.value;
  if (is_large) {
    placed.prepared = std::make_unique<prepared_message>(
        placed.message, placed.message.payload.size(), options_.version);
    std::memcpy(placed.prepared->payload().data(), placed.message.payload.data(),
                placed.message.payload.size());
    auto retain = placed.message.retain;
    placed.message = {};
    placed.message.qos = quality;
    placed.message.retain = retain;
  }
  send_publish(slot, false);
}

// What was prepared or is large lies in a buffer of its own and is sent from there, the others are
// encoded behind each other.
void client_state::send_publish(window::slot& slot, bool dup) {
  auto& item = slot.value;
  item.on_wire = true;
  item.was_sent = true;
  ++publishes_in_flight_;
  if (item.prepared) {
    item.expiry_offset = item.prepared->expiry_offset();
    item.encoded = item.prepared->publish_as(slot.packet_id, payer_);
    item.prepared.reset();
    to_broker.append(item.encoded);
    return;
  }
  if (item.encoded.bytes) {
    make_writable(item);
    rewrite(item.encoded.bytes->data(), slot.packet_id, dup);
    to_broker.append(item.encoded);
    return;
  }
  auto packet = to_packet(item.message);
  packet.dup = dup;
  packet.packet_id = slot.packet_id;
  to_broker.encode(packet, options_.version);
}

// What the broker has said that it doesn't take is not sent [v5:MQTT-3.2.2-11, MQTT-3.2.2-14,
// MQTT-3.2.2-15].
reason_code client_state::refusal_of(qos quality, bool retain, std::size_t size) const noexcept {
  if (quality > broker_maximum_qos_)
    return reason_code::qos_not_supported;
  if (retain && !broker_retains_)
    return reason_code::retain_not_supported;
  return size > broker_packet_size_max_ ? reason_code::packet_too_large : reason_code::success;
}

void client_state::finish(window::slot& slot, outcome result) {
  auto done = std::move(slot.value.done);
  if (slot.value.on_wire)
    --publishes_in_flight_;
  window_.erase(slot);
  tell(done, std::move(result));
}

} // namespace actorbus
