#include <actorbus/protocol/decode.hpp>

#include <array>

#include <actorbus/protocol/decode_body.hpp>

namespace actorbus::protocol {

namespace {

struct direction {
  bool client = false;
  bool server = false;
};

// Table 2.1 of the standard: who may send what. Two entries depend on the version, see below.
constexpr std::array<direction, 16> senders{{
    {},            // reserved
    {true, false}, // CONNECT
    {false, true}, // CONNACK
    {true, true},  // PUBLISH
    {true, true},  // PUBACK
    {true, true},  // PUBREC
    {true, true},  // PUBREL
    {true, true},  // PUBCOMP
    {true, false}, // SUBSCRIBE
    {false, true}, // SUBACK
    {true, false}, // UNSUBSCRIBE
    {false, true}, // UNSUBACK
    {true, false}, // PINGREQ
    {false, true}, // PINGRESP
    {true, true},  // DISCONNECT; from a server in 5.0 only
    {true, true},  // AUTH; 5.0 only
}};

errc check_header(const frame_header& header, protocol_version version, sender from) noexcept {
  auto is_v5 = version == protocol_version::v5;
  if (header.type == packet_type::auth && !is_v5)
    return errc::reserved_packet_type;
  const auto& row = senders[static_cast<std::size_t>(header.type) & 0x0Fu];
  if (!(from == sender::client ? row.client : row.server))
    return errc::wrong_sender;
  if (header.type == packet_type::disconnect && from == sender::server && !is_v5)
    return errc::wrong_sender;
  // The one flag that `read_frame` cannot judge: DUP in PUBREL, SUBSCRIBE and UNSUBSCRIBE.
  if (header.type != packet_type::publish && (header.flags & 0b1000) != 0 &&
      version != protocol_version::v3_1)
    return errc::reserved_flags;
  return errc::none;
}

template <class Packet>
expected<packet, errc> decode_as(byte_view body, const decode_context& context) noexcept {
  Packet result;
  wire_reader reader{body};
  decode_body(reader, context, result);
  reader.require(reader.at_end(), errc::trailing_bytes);
  if (!reader.ok())
    return unexpected{reader.cause()};
  return packet{result};
}

} // namespace

expected<packet, errc> decode(const frame_header& header, byte_view body, protocol_version version,
                              sender from) noexcept {
  if (auto cause = check_header(header, version, from); cause != errc::none)
    return unexpected{cause};
  decode_context context{version, from};
  switch (header.type) {
  case packet_type::connect: return decode_as<connect>(body, context);
  case packet_type::connack: return decode_as<connack>(body, context);
  case packet_type::publish: {
    publish result;
    if (auto cause = decode_publish(header, body, version, from, result); cause != errc::none)
      return unexpected{cause};
    return packet{result};
  }
  case packet_type::puback: return decode_as<puback>(body, context);
  case packet_type::pubrec: return decode_as<pubrec>(body, context);
  case packet_type::pubrel: return decode_as<pubrel>(body, context);
  case packet_type::pubcomp: return decode_as<pubcomp>(body, context);
  case packet_type::subscribe: return decode_as<subscribe>(body, context);
  case packet_type::suback: return decode_as<suback>(body, context);
  case packet_type::unsubscribe: return decode_as<unsubscribe>(body, context);
  case packet_type::unsuback: return decode_as<unsuback>(body, context);
  case packet_type::pingreq: return decode_as<pingreq>(body, context);
  case packet_type::pingresp: return decode_as<pingresp>(body, context);
  case packet_type::disconnect: return decode_as<disconnect>(body, context);
  case packet_type::auth: return decode_as<auth>(body, context);
  }
  return unexpected{errc::reserved_packet_type};
}

} // namespace actorbus::protocol
