#include <actorbus/actors/client_state.hpp>

#include <algorithm>

#include <actorbus/protocol/encode.hpp>

namespace actorbus {

using protocol::awaiting;
using protocol::errc;
using protocol::packet_type;
using protocol::property_id;
using protocol::qos;
using protocol::reason_code;

client_state::client_state(client_options options, client_events events, credit_account_ptr payer)
    : to_broker(payer),
      options_(std::move(options)),
      events_(std::move(events)),
      payer_(std::move(payer)),
      aliases_(options_.topic_alias_maximum) {}

void client_state::connect(completion done) {
  connecting_ = std::move(done);
  aliases_ = protocol::inbound_aliases{options_.topic_alias_maximum};
  keep_alive_seconds_ = options_.keep_alive_seconds;
  failure.reset();
  awaits_ping_ = false;
  protocol::connect packet;
  packet.version = options_.version;
  packet.clean_start = options_.clean_start;
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

void client_state::publish(outgoing_message message, completion done) {
  if (waiting_.size() >= options_.queued_messages_max) {
    if (done)
      done({reason_code::quota_exceeded, "too many publishes wait to be sent"});
    return;
  }
  waiting_.push_back({std::move(message), std::move(done)});
}

void client_state::pump() {
  if (!connected_)
    return;
  while (!waiting_.empty() && !payer_->exhausted()) {
    auto needs_window = waiting_.front().message.qos != qos::at_most_once;
    if (needs_window && publishes_in_flight_ >= broker_receive_maximum_)
      return;
    send(waiting_.pop_front());
  }
}

void client_state::send(operation item) {
  auto quality = item.message.qos;
  protocol::packet_id packet_id = quality == qos::at_most_once ? 0 : 1;
  if (broker_packet_size_max_ != protocol::packet_size_bytes_max &&
      protocol::encoded_size(packet_of(item.message, packet_id, false), options_.version) >
          broker_packet_size_max_) { // [v5:MQTT-3.2.2-15]
    if (item.done)
      item.done({reason_code::packet_too_large, "larger than the broker accepts"});
    return;
  }
  if (quality == qos::at_most_once) {
    encode(item.message, 0, false);
    if (item.done)
      item.done({});
    return;
  }
  ++publishes_in_flight_;
  auto& slot = window_.insert(quality == qos::at_least_once ? awaiting::puback : awaiting::pubrec,
                              std::move(item));
  encode(slot.value.message, slot.packet_id, false);
}

protocol::publish client_state::packet_of(const outgoing_message& message, protocol::packet_id id,
                                          bool dup) {
  protocol::publish packet;
  packet.dup = dup;
  packet.qos = message.qos;
  packet.retain = message.retain;
  packet.topic = message.topic;
  packet.packet_id = id;
  packet.payload = protocol::as_bytes(message.payload);
  packet.properties = message.properties;
  return packet;
}

void client_state::encode(const outgoing_message& message, protocol::packet_id id, bool dup) {
  to_broker.encode(packet_of(message, id, dup), options_.version);
}

void client_state::subscribe(const std::vector<subscribe_options>& filters,
                             const protocol::property_list& properties, completion done) {
  std::vector<std::uint8_t> raw;
  for (const auto& each : filters)
    protocol::append_entry(raw,
                           protocol::subscription{each.filter, each.maximum_qos, each.no_local,
                                                  each.retain_as_published, each.retain_handling},
                           options_.version);
  auto& slot = window_.insert(awaiting::suback, {{}, std::move(done)});
  protocol::subscribe packet;
  packet.packet_id = slot.packet_id;
  packet.properties = properties;
  packet.entries = protocol::entry_list<protocol::subscription>{raw};
  to_broker.encode(packet, options_.version);
}

void client_state::unsubscribe(const std::vector<std::string>& filters, completion done) {
  std::vector<std::uint8_t> raw;
  for (const auto& each : filters)
    protocol::append_entry(raw, each);
  auto& slot = window_.insert(awaiting::unsuback, {{}, std::move(done)});
  protocol::unsubscribe packet;
  packet.packet_id = slot.packet_id;
  packet.entries = protocol::entry_list<std::string_view>{raw};
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

void client_state::receive(const frame& packets) {
  auto input = packets.view();
  while (!input.empty() && !failure) {
    auto found = protocol::read_frame(input, protocol::packet_size_bytes_max);
    if (!found || !found->complete)
      return fail(found ? errc::truncated : found.error());
    const auto& header = found->header;
    auto body = input.subspan(header.header_size, header.body_size);
    input = input.subspan(header.size());
    if (header.type == packet_type::publish) {
      protocol::publish packet;
      auto fault = protocol::decode_publish(header, body, options_.version,
                                            protocol::sender::server, packet);
      if (fault != errc::none)
        return fail(fault);
      on_publish(packet, packets);
      continue;
    }
    auto decoded = protocol::decode(header, body, options_.version, protocol::sender::server);
    if (!decoded)
      return fail(decoded.error());
    std::visit([this](const auto& packet) { on(packet); }, *decoded);
  }
}

void client_state::fail(errc cause) {
  auto reason = protocol::to_reason_code(cause);
  if (options_.version == protocol::protocol_version::v5 && connected_)
    to_broker.encode(protocol::disconnect{reason, {}}, options_.version);
  failure = outcome{reason, std::string{protocol::to_string(cause)}};
}

template <class Unexpected>
void client_state::on(const Unexpected&) {
  fail(errc::wrong_sender);
}

void client_state::on_publish(protocol::publish& packet, const frame& source) {
  if (packet.topic_alias != 0)
    if (auto fault = aliases_.resolve(packet.topic_alias, packet.topic); fault != errc::none)
      return fail(fault);
  if (events_.accepts && !events_.accepts())
    return;
  auto is_new = packet.qos != qos::exactly_once || received_.insert(packet.packet_id);
  if (is_new && events_.on_message)
    events_.on_message({packet.topic, protocol::as_text(packet.payload), packet.qos, packet.retain,
                        packet.dup, packet.properties, source, packet.packet_id});
  if (packet.qos == qos::at_least_once)
    to_broker.acknowledge(packet_type::puback, packet.packet_id);
  else if (packet.qos == qos::exactly_once)
    to_broker.acknowledge(packet_type::pubrec, packet.packet_id);
}

outcome client_state::outcome_of(reason_code code, protocol::properties_view properties) const {
  outcome result;
  result.by_peer = true;
  result.code = code;
  result.text = properties.text(property_id::reason_string).value_or("");
  if (result.text.empty() && protocol::is_error(code))
    result.text = protocol::to_string(code);
  return result;
}

void client_state::on(const protocol::connack& packet) {
  auto result = outcome_of(packet.code, packet.properties);
  result.session_present = packet.session_present;
  auto number = [&](property_id id, std::uint32_t otherwise) {
    return packet.properties.number(id).value_or(otherwise);
  };
  if (result) {
    connected_ = true;
    broker_receive_maximum_ =
        static_cast<std::uint16_t>(number(property_id::receive_maximum, 65'535));
    broker_packet_size_max_ =
        number(property_id::maximum_packet_size, protocol::packet_size_bytes_max);
    keep_alive_seconds_ = static_cast<std::uint16_t>(
        number(property_id::server_keep_alive, options_.keep_alive_seconds));
    if (auto assigned = packet.properties.text(property_id::assigned_client_identifier))
      options_.client_id = *assigned;
    result.client_id = options_.client_id;
    if (packet.session_present)
      resend();
    else
      forget_session();
  } else {
    failure = result;
  }
  if (auto done = std::exchange(connecting_, nullptr))
    done(std::move(result));
}

// [v5:MQTT-3.2.2-5]
void client_state::forget_session() {
  received_.clear();
  for (auto* slot : window_.in_order())
    finish(*slot, {reason_code::server_unavailable, "the broker has lost the session"});
}

// What an earlier connection left unanswered, under the same identifiers [v5:MQTT-4.4.0-1].
void client_state::resend() {
  for (auto* slot : window_.in_order()) {
    if (slot->state == awaiting::pubcomp)
      to_broker.acknowledge(packet_type::pubrel, slot->packet_id);
    else
      encode(slot->value.message, slot->packet_id, true);
  }
}

void client_state::finish(window::slot& slot, outcome result) {
  auto done = std::move(slot.value.done);
  if (slot.state == awaiting::puback || slot.state == awaiting::pubrec ||
      slot.state == awaiting::pubcomp)
    --publishes_in_flight_;
  window_.erase(slot);
  if (done)
    done(std::move(result));
}

void client_state::on(const protocol::puback& packet) {
  auto* slot = window_.find(packet.packet_id);
  if (slot && slot->state == awaiting::puback)
    finish(*slot, outcome_of(packet.code, packet.properties));
}

void client_state::on(const protocol::pubrec& packet) {
  auto* slot = window_.find(packet.packet_id);
  if (slot && slot->state == awaiting::pubrec && protocol::is_error(packet.code)) {
    finish(*slot, outcome_of(packet.code, packet.properties));
    return;
  }
  if (slot && slot->state == awaiting::pubrec) {
    slot->state = awaiting::pubcomp;
    slot->value.message = {};
  }
  to_broker.acknowledge(packet_type::pubrel, packet.packet_id);
}

void client_state::on(const protocol::pubrel& packet) {
  received_.erase(packet.packet_id);
  to_broker.acknowledge(packet_type::pubcomp, packet.packet_id);
}

void client_state::on(const protocol::pubcomp& packet) {
  auto* slot = window_.find(packet.packet_id);
  if (!slot || slot->state != awaiting::pubcomp)
    return;
  // After a resumption no error: the broker was done before the link broke (3.7.2.1).
  auto was_done = packet.code == reason_code::packet_identifier_not_found;
  finish(*slot, outcome_of(was_done ? reason_code::success : packet.code, packet.properties));
}

void client_state::on(const protocol::suback& packet) {
  finish_list(packet.packet_id, awaiting::suback, packet.codes, packet.properties);
}

void client_state::on(const protocol::unsuback& packet) {
  finish_list(packet.packet_id, awaiting::unsuback, packet.codes, packet.properties);
}

void client_state::finish_list(protocol::packet_id id, awaiting state, protocol::byte_view codes,
                               protocol::properties_view properties) {
  auto* slot = window_.find(id);
  if (!slot || slot->state != state)
    return;
  auto result = outcome_of(reason_code::success, properties);
  for (auto code : codes) {
    result.codes.push_back(static_cast<reason_code>(code));
    if (protocol::is_error(result.codes.back())) {
      result.code = result.codes.back();
      if (result.text.empty())
        result.text = protocol::to_string(result.code);
    }
  }
  finish(*slot, std::move(result));
}

void client_state::on(const protocol::disconnect& packet) {
  failure = outcome_of(packet.code, packet.properties);
}

void client_state::lost(const outcome& why) {
  auto was_connected = std::exchange(connected_, false);
  to_broker.clear();
  if (auto done = std::exchange(connecting_, nullptr))
    done(why);
  for (auto* slot : window_.in_order())
    if (slot->state == awaiting::suback || slot->state == awaiting::unsuback ||
        options_.session_expiry_seconds == 0)
      finish(*slot, why);
  if (was_connected && events_.on_disconnected)
    events_.on_disconnected(why);
}

void client_state::abandon(const outcome& why) {
  lost(why);
  for (auto* slot : window_.in_order())
    finish(*slot, why);
  while (!waiting_.empty())
    if (auto done = waiting_.pop_front().done)
      done(why);
}

} // namespace actorbus
