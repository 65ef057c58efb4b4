#include "session_fixture.hpp"

#include <actorbus/protocol/decode.hpp>

#include <cstdio>
#include <stdexcept>

namespace actorbus::test {

using conformance::byte_vector;
using conformance::notation;

namespace {

byte_vector read(std::string_view text, conformance::version v) {
  return conformance::exact(conformance::parse_notation(text, v));
}

std::string quoted(std::string_view topic, protocol::byte_view payload) {
  return std::string{topic} + " '" + std::string{protocol::as_text(payload)} + "'";
}

std::string hex(protocol::reason_code code) {
  char text[3];
  std::snprintf(text, sizeof text, "%02x", static_cast<unsigned>(code));
  return text;
}

} // namespace

std::string session_fixture::connect(const connect_fields& fields) {
  std::string properties;
  if (fields.expiry != 0)
    properties += notation("11 {} ", fields.expiry);
  if (fields.receive_maximum != 0)
    properties += notation("21 {} ", fields.receive_maximum);
  if (fields.packet_size_max != 0)
    properties += notation("27 {} ", fields.packet_size_max);
  if (fields.alias_maximum != 0)
    properties += notation("22 {} ", fields.alias_maximum);
  const auto v5 = version == conformance::version::v5;
  const auto flags = static_cast<std::uint8_t>((fields.clean ? 2 : 0) | (fields.will.empty() ? 0 : 4));
  const auto bytes =
      read(notation("10 [ s'MQTT' {} {} {} ", static_cast<std::uint8_t>(version), flags, fields.keep_alive) +
               (v5 ? "[ " + properties + "]" : "") + " s'me' " + fields.will + " ]",
           version);
  const auto found = protocol::read_frame(bytes, bytes.size());
  const auto decoded = protocol::decode(found->header, protocol::byte_view{bytes}.subspan(found->header.header_size),
                                        {}, protocol::sender::client);
  if (!decoded)
    throw std::logic_error{"the test's CONNECT is not well-formed"};
  meter = std::make_shared<outbound_meter>();
  state.attach(std::get<protocol::connect>(*decoded), "me", false, meter);
  return sent();
}

std::string session_fixture::sent() {
  state.pump();
  byte_vector all;
  state.to_client.take([&](frame&& each) { all.insert(all.end(), each.view().begin(), each.view().end()); });
  if (!reads && meter)
    meter->add(all.size());
  return describe(all, version);
}

std::string session_fixture::receive(std::string_view text) {
  state.touch();
  state.receive(make_frame(read(text, version)));
  return sent();
}

std::string session_fixture::deliver_all(const std::vector<delivery>& messages) {
  byte_vector all;
  auto batch = publication_batch::make(messages.size());
  actorbus::deliver message;
  for (const auto& each : messages) {
    const auto properties = read(each.properties, conformance::version::v5);
    const auto type = static_cast<std::uint8_t>(0x30 | static_cast<int>(each.quality) << 1 | (each.retain ? 1 : 0));
    const auto packet =
        read(notation("{} [ s'{}' ", type, each.topic) + (each.quality == qos0 ? "" : "0001 ") + "[ " +
                 each.properties + " ] " + (each.payload.empty() ? "" : "'" + each.payload + "'") + " ]",
             conformance::version::v5);
    publication item;
    item.offset = static_cast<std::uint32_t>(all.size());
    item.size = static_cast<std::uint32_t>(packet.size());
    item.payload_offset = item.offset + item.size - static_cast<std::uint32_t>(each.payload.size());
    item.properties_size = static_cast<std::uint32_t>(properties.size());
    item.topic_size = static_cast<std::uint16_t>(each.topic.size());
    auto header = std::size_t{2};
    while ((packet[header - 1] & 0x80) != 0)
      ++header;
    item.topic_offset = item.offset + static_cast<std::uint32_t>(header + 2);
    item.qos = each.quality;
    item.retain = each.retain;
    item.has_expiry = !properties.empty() && properties[0] == 0x02;
    item.plain = each.quality == qos0;
    batch->add(item);
    all.insert(all.end(), packet.begin(), packet.end());

    delivery_range range;
    range.first = static_cast<std::uint32_t>(batch->size() - 1);
    range.count = 1;
    range.maximum_qos = qos2;
    range.identifiers_first = static_cast<std::uint32_t>(message.identifiers.size());
    range.identifiers_count = static_cast<std::uint32_t>(each.identifiers.size());
    message.identifiers.insert(message.identifiers.end(), each.identifiers.begin(), each.identifiers.end());
    if (range.first == 0)
      message.first = range;
    else
      message.more.push_back(range);
  }
  batch->source = make_frame(all);
  batch->version = protocol::protocol_version::v5;
  batch->publisher = 99;
  batch->received = time_;
  message.batch = std::move(batch);
  state.deliver(message);
  return sent();
}

std::string session_fixture::deliver(protocol::qos quality, int first, int count) {
  std::vector<delivery> messages;
  for (int i = first; i < first + count; ++i)
    messages.push_back({.payload = std::to_string(i), .quality = quality});
  return deliver_all(messages);
}

std::string session_fixture::asked() {
  return std::exchange(asked_, {});
}

void session_fixture::note(std::string line) {
  asked_ += (asked_.empty() ? "" : "; ") + line;
}

bool session_fixture::route(const protocol::publish& packet, const packet_run& where, bool) {
  for (std::uint32_t i = 0; i < where.count; ++i)
    note("route " + quoted(packet.topic, {packet.payload.data() + i * where.size, packet.payload.size()}));
  return anybody_subscribes;
}

void session_fixture::retain(message_ptr value) {
  note("retain " + quoted(value->topic(), value->payload()));
}

void session_fixture::subscribe(subscribe_request request) {
  std::string line = "subscribe #" + std::to_string(request.packet_id);
  for (const auto& each : request.entries)
    line += " " + each.filter;
  note(line);
  subscribe_requests.push_back(std::move(request));
}

void session_fixture::unsubscribe(unsubscribe_request request) {
  std::string line = "unsubscribe #" + std::to_string(request.packet_id);
  for (const auto& each : request.filters)
    line += " " + each;
  note(line);
}

void session_fixture::close_channel(protocol::reason_code reason) {
  note("close " + hex(reason));
}

void session_fixture::publish_will(const message& will, protocol::properties_view properties) {
  auto line = "will " + quoted(will.topic(), will.payload());
  if (auto expiry = properties.number(protocol::property_id::message_expiry_interval))
    line += " {02=" + std::to_string(*expiry) + "}";
  note(line);
}

void session_fixture::dropped(protocol::reason_code why) {
  note("dropped " + hex(why));
}

} // namespace actorbus::test
