// The packets of the client.

#include <actorbus/actors/session_state.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/topic.hpp>
#include <actorbus/protocol/utf8.hpp>

namespace actorbus {

using protocol::awaiting;
using protocol::errc;
using protocol::packet_type;
using protocol::property_id;
using protocol::qos;
using protocol::reason_code;

namespace {

/// @param input  begins with a packet
/// @param size   of that packet, bytes
/// @param prefix what comes before its payload, bytes
/// @returns how many packets, the first included, are the same but for their payloads
std::uint32_t count_alike(protocol::byte_view input, std::size_t size,
                          std::size_t prefix) noexcept {
  const auto* first = input.data();
  const auto* next = first + size;
  std::uint32_t count = 1;
  for (auto left = input.size() - size; left >= size && std::memcmp(first, next, prefix) == 0;
       left -= size, next += size)
    ++count;
  return count;
}

} // namespace

std::uint32_t session_state::receive(const frame& packets) {
  std::uint32_t done = 0;
  while (done != packets.size && may_receive()) {
    if (!attached_ || closing_)
      return packets.size;
    auto input = packets.view().subspan(done);
    auto found = protocol::read_frame(input, limits_->packet_size_bytes_max);
    if (!found || !found->complete) { // channels hand on whole packets only
      refuse(found ? errc::truncated : found.error());
      return packets.size;
    }
    const auto& header = found->header;
    if (header.type == packet_type::publish) {
      done += receive_publishes(header, input, packets, packets.offset + done);
      continue;
    }
    receive_packet(header, input.subspan(header.header_size, header.body_size));
    ++packets_received;
    done += static_cast<std::uint32_t>(header.size());
  }
  return done;
}

// A client that sends many messages at once sends them to one topic as a rule. Those that are the
// same up to their payloads are checked once.
// @returns the bytes that are done with
std::uint32_t session_state::receive_publishes(const protocol::frame_header& header,
                                               protocol::byte_view input, const frame& source,
                                               std::uint32_t offset) {
  packet_run where{offset, static_cast<std::uint32_t>(header.size())};
  protocol::publish packet;
  auto fault = protocol::decode_publish(header, input.subspan(header.header_size, header.body_size),
                                        version_, protocol::sender::client, packet);
  if (fault != errc::none) {
    refuse(fault);
    return where.size;
  }
  auto checks_payload = limits_->payload_check_bytes_max != 0 && !packet.properties.empty();
  if (packet.qos == qos::at_most_once && !packet.retain && packet.topic_alias == 0 &&
      !checks_payload)
    where.count = count_alike(input, where.size, where.size - packet.payload.size());
  packets_received += where.count;
  on_publish(packet, source, where);
  return where.size * where.count;
}

void session_state::receive_packet(const protocol::frame_header& header, protocol::byte_view body) {
  auto decoded = protocol::decode(header, body, version_, protocol::sender::client);
  if (decoded)
    std::visit([this](const auto& packet) { on(packet); }, *decoded);
  else
    refuse(decoded.error());
}

void session_state::refuse(errc cause) {
  refuse(protocol::to_reason_code(cause), protocol::to_string(cause));
}

// Whatever a client can send after its first packet has a handler of its own; a second CONNECT is
// what is left [v5:MQTT-3.1.0-2].
template <class Unexpected>
void session_state::on(const Unexpected&) {
  refuse(errc::second_connect);
}

void session_state::on_publish(protocol::publish& packet, const frame& source,
                               const packet_run& where) {
  if (limits_->publish_per_second_max != 0 && !within_rate(where.count)) {
    refuse(reason_code::message_rate_too_high, {});
    return;
  }
  auto defines_alias = packet.topic_alias != 0 && !packet.topic.empty();
  if (packet.topic_alias != 0) {
    if (!aliases_)
      make_aliases();
    if (auto fault = aliases_->inbound.resolve(packet.topic_alias, packet.topic);
        fault != errc::none) {
      refuse(fault);
      return;
    }
  }
  if (packet.topic.size() >= limits_->topic_levels_max ||
      packet.topic.size() > limits_->topic_bytes_max) {
    auto fault = protocol::check_topic_name(packet.topic,
                                            {limits_->topic_bytes_max, limits_->topic_levels_max});
    if (fault != errc::none) {
      refuse(fault);
      return;
    }
  }
  if (!may_publish(packet.topic)) {
    refuse_publish(packet, where.count, reason_code::not_authorized);
    return;
  }
  if (packet.qos == qos::exactly_once) {
    if (received_.contains(packet.packet_id)) { // [v5:MQTT-4.3.3-10]
      to_client.acknowledge(packet_type::pubrec, packet.packet_id);
      return;
    }
    if (is_v5() && received_.size() >= limits_->receive_maximum) { // others were not told
      refuse(errc::receive_maximum_exceeded);
      return;
    }
  }
  if (limits_->payload_check_bytes_max != 0 && !is_what_it_says(packet)) {
    refuse_publish(packet, 1, reason_code::payload_format_invalid);
    if (packet.qos == qos::at_most_once) // no answer could tell
      refuse(reason_code::payload_format_invalid, {});
    return;
  }
  if (packet.qos == qos::exactly_once)
    received_.insert(packet.packet_id);
  // The broker learns of a retained message before anybody is looked up: a subscriber that is
  // added meanwhile gets it one way or the other, never not at all.
  if (packet.retain)
    host_.retain(message::make(packet, version_, source, host_.now()));
  auto has_receivers = host_.route(packet, where, defines_alias);
  if (packet.qos == qos::at_most_once)
    return;
  auto type = packet.qos == qos::at_least_once ? packet_type::puback : packet_type::pubrec;
  auto is_full = std::exchange(receiver_full, false);
  if ((has_receivers && !is_full) || !is_v5()) {
    to_client.acknowledge(type, packet.packet_id);
    return;
  }
  auto code = is_full ? reason_code::quota_exceeded : reason_code::no_matching_subscribers;
  if (type == packet_type::puback) {
    to_client.encode(protocol::puback{packet.packet_id, code, {}}, version_);
    return;
  }
  to_client.encode(protocol::pubrec{packet.packet_id, code, {}}, version_);
  if (is_full) // that was the last word on it (4.3.3)
    received_.erase(packet.packet_id);
}

// A bucket of `publish_burst_max` that fills with `publish_per_second_max`.
bool session_state::within_rate(std::uint32_t count) {
  auto now = host_.now();
  auto passed = std::chrono::duration<double>(now - rate_checked_).count();
  rate_checked_ = now;
  rate_left_ = std::min<double>(limits_->publish_burst_max,
                                rate_left_ + passed * limits_->publish_per_second_max);
  if (rate_left_ < count)
    return false;
  rate_left_ -= count;
  return true;
}

bool session_state::is_what_it_says(const protocol::publish& packet) const noexcept {
  auto is_text = packet.properties.number(property_id::payload_format_indicator).value_or(0) == 1 &&
                 packet.payload.size() <= limits_->payload_check_bytes_max;
  return !is_text || protocol::is_utf8_payload(protocol::as_text(packet.payload));
}

void session_state::on(const protocol::puback& packet) {
  auto* slot = window_.find(packet.packet_id);
  if (slot && slot->state == awaiting::puback)
    complete(*slot);
}

void session_state::on(const protocol::pubrec& packet) {
  auto* slot = window_.find(packet.packet_id);
  if (!slot || slot->state == awaiting::puback) {
    // An identifier of an earlier session: release it at the client too.
    if (is_v5())
      to_client.encode(
          protocol::pubrel{packet.packet_id, reason_code::packet_identifier_not_found, {}},
          version_);
    else
      to_client.acknowledge(packet_type::pubrel, packet.packet_id);
    return;
  }
  if (protocol::is_error(packet.code)) { // [v5:MQTT-4.3.3-4]
    complete(*slot);
    return;
  }
  slot->state = awaiting::pubcomp;
  if (!std::exchange(slot->value.on_wire, true))
    ++on_wire_;
  release(*slot);
  to_client.acknowledge(packet_type::pubrel, packet.packet_id);
}

void session_state::on(const protocol::pubrel& packet) {
  auto known = received_.erase(packet.packet_id);
  if (known || !is_v5())
    to_client.acknowledge(packet_type::pubcomp, packet.packet_id);
  else
    to_client.encode(
        protocol::pubcomp{packet.packet_id, reason_code::packet_identifier_not_found, {}},
        version_);
}

void session_state::on(const protocol::pubcomp& packet) {
  auto* slot = window_.find(packet.packet_id);
  if (slot && slot->state == awaiting::pubcomp)
    complete(*slot);
}

void session_state::on(const protocol::subscribe& packet) {
  subscribe_request request;
  request.packet_id = packet.packet_id;
  auto identifier = packet.properties.number(property_id::subscription_identifier).value_or(0);
  for (const auto& line : packet.entries) {
    auto fault = protocol::check_topic_filter(
        line.filter, {limits_->topic_bytes_max, limits_->topic_levels_max});
    if (fault != errc::none && !is_v5()) {
      refuse(fault);
      return;
    }
    subscribe_entry entry;
    entry.filter = line.filter;
    // A bridge of 3.x says so instead of asking for it, filter by filter.
    auto is_bridges = is_bridge_ && !protocol::split_share(line.filter).is_shared();
    entry.options = {line.maximum_qos, line.no_local || is_bridges,
                     line.retain_as_published || is_bridges, line.retain_handling, identifier};
    if (fault != errc::none)
      entry.refusal = reason_code::topic_filter_invalid;
    else if (request.entries.size() >= limits_->filters_per_packet_max)
      entry.refusal = reason_code::quota_exceeded;
    else if (!may_subscribe(line.filter))
      entry.refusal = reason_code::not_authorized;
    request.entries.push_back(std::move(entry));
  }
  awaits_broker_ = true;
  host_.subscribe(std::move(request));
}

void session_state::on(const protocol::unsubscribe& packet) {
  unsubscribe_request request;
  request.packet_id = packet.packet_id;
  for (auto filter : packet.entries) {
    if (auto fault = protocol::check_topic_filter(filter); fault != errc::none && !is_v5()) {
      refuse(fault);
      return;
    }
    request.filters.emplace_back(filter);
  }
  awaits_broker_ = true;
  host_.unsubscribe(std::move(request));
}

void session_state::on(const protocol::pingreq&) {
  to_client.encode(protocol::pingresp{}, version_);
}

void session_state::on(const protocol::disconnect& packet) {
  if (auto expiry = packet.properties.number(property_id::session_expiry_interval)) {
    if (session_expiry_seconds_ == 0 && *expiry != 0) { // 5.0: 3.14.2.2.2
      refuse(reason_code::protocol_error, "session expiry interval was 0 in CONNECT");
      return;
    }
    session_expiry_seconds_ = std::min(*expiry, limits_->session_expiry_seconds_max);
  }
  said_goodbye_ = packet.code == reason_code::success; // [v5:MQTT-3.14.4-3]
  closing_ = true;
  host_.close_channel(reason_code::success);
}

void session_state::subscribed(const actorbus::subscribed& answer) {
  awaits_broker_ = false;
  if (!attached_ || closing_)
    return;
  std::vector<std::uint8_t> codes;
  codes.reserve(answer.codes.size());
  for (auto code : answer.codes) {
    auto failed = protocol::is_error(code) && !is_v5();
    codes.push_back(failed ? 0x80 : static_cast<std::uint8_t>(code));
  }
  protocol::suback packet{answer.packet_id, {}, codes};
  if (!client_takes(packet)) // [v5:MQTT-3.1.2-24]
    return refuse(reason_code::packet_too_large, "SUBACK larger than the client accepts");
  to_client.encode(packet, version_);
  for (const auto& [value, options] : answer.messages)
    queue_retained(value, options);
}

void session_state::unsubscribed(const actorbus::unsubscribed& answer) {
  awaits_broker_ = false;
  if (!attached_ || closing_)
    return;
  std::vector<std::uint8_t> codes;
  codes.reserve(answer.codes.size());
  for (auto code : answer.codes)
    codes.push_back(static_cast<std::uint8_t>(code));
  protocol::unsuback packet{answer.packet_id, {}, codes};
  if (!client_takes(packet)) // [v5:MQTT-3.1.2-24]
    return refuse(reason_code::packet_too_large, "UNSUBACK larger than the client accepts");
  to_client.encode(packet, version_);
}

} // namespace actorbus
