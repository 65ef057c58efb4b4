#include <actorbus/actors/refusal.hpp>

#include <actorbus/actors/bus_event.hpp>
#include <actorbus/actors/outbox.hpp>
#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/encode.hpp>

namespace actorbus {

using protocol::property_id;
using protocol::protocol_version;
using protocol::reason_code;

namespace {

protocol::property_list properties_of(const refusal& why) {
  protocol::property_list result;
  if (!why.reason_string.empty())
    result.add(property_id::reason_string, why.reason_string);
  if (!why.server_reference.empty())
    result.add(property_id::server_reference, why.server_reference);
  for (const auto& [name, value] : why.user_properties)
    result.add_user(name, value);
  return result;
}

} // namespace

void refuse_connect(bus_context& bus, const channel_info& channel, const protocol::connect& packet,
                    const refusal& why, caf::execution_unit* context) {
  count(bus.counters.connections_refused);
  count(bus.counters.packets_sent);
  auto code = why.code;
  auto is_known = protocol::is_allowed(static_cast<std::uint8_t>(code),
                                       protocol::packet_type::connack, protocol::sender::server);
  if (!is_known || !protocol::is_error(code))
    code = reason_code::unspecified_error; // an authenticator's mistake is no reason to let it in
  protocol::property_list properties;
  protocol::connack answer{false, code, {}};
  if (packet.version == protocol_version::v5) {
    properties = properties_of(why);
    answer.properties = properties;
    auto most = packet.properties.number(property_id::maximum_packet_size);
    if (most && protocol::encoded_size(protocol::packet{answer}, packet.version) > *most)
      answer.properties = {};
  }
  if (bus.events)
    post(bus.events, make_event(bus_event::kind::refused, channel, packet.client_id, code),
         context);
  outbox writer;
  writer.encode(answer, packet.version);
  writer.take([&](frame&& bytes) {
    if (channel.meter)
      channel.meter->add(bytes.size);
    post(channel.channel, std::move(bytes), context);
  });
  post(channel.channel, close_channel{code, {}, channel.attempt}, context);
}

protocol::connect read_connect(const frame& connect) {
  auto input = connect.view();
  auto found = protocol::read_frame(input, input.size());
  auto packet = protocol::decode(found->header, input.subspan(found->header.header_size), {},
                                 protocol::sender::client);
  return std::get<protocol::connect>(*packet);
}

} // namespace actorbus
