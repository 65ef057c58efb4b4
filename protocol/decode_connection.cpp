// PINGREQ, PINGRESP, DISCONNECT and AUTH: what keeps a connection going and ends it.

#include <actorbus/protocol/decode_body.hpp>

namespace actorbus::protocol {

void decode_body(wire_reader&, const decode_context&, pingreq&) noexcept {}

void decode_body(wire_reader&, const decode_context&, pingresp&) noexcept {}

void decode_body(wire_reader& reader, const decode_context& context, disconnect& out) noexcept {
  if (context.version != protocol_version::v5 || reader.at_end())
    return;
  out.code = decode_reason_code(reader, context, packet_type::disconnect);
  if (reader.at_end())
    return;
  out.properties = decode_properties(reader, context, property_place::disconnect);
  if (reader.ok() && context.from == sender::server)
    reader.require(!out.properties.number(property_id::session_expiry_interval),
                   errc::session_expiry_from_server);
}

void decode_body(wire_reader& reader, const decode_context& context, auth& out) noexcept {
  if (reader.at_end())
    return; // success without properties [v5: 3.15.2.1]
  out.code = decode_reason_code(reader, context, packet_type::auth);
  out.properties = decode_properties(reader, context, property_place::auth);
  if (reader.ok())
    reader.require(out.code == reason_code::success || !out.properties.empty(),
                   errc::authentication_method_missing);
}

} // namespace actorbus::protocol
