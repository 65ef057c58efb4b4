#include <actorbus/protocol/decode_body.hpp>

namespace actorbus::protocol {

namespace {

/// 5.0 lets the end go when it says nothing: without a reason code it is success, without a
/// property length there are no properties [v5: 3.4.2.1, 3.4.2.2.1].
template <packet_type Type>
void decode_acknowledgement(wire_reader& reader, const decode_context& context,
                            property_place place, acknowledgement<Type>& out) noexcept {
  out.packet_id = reader.packet_id();
  if (context.version != protocol_version::v5 || reader.at_end())
    return;
  out.code = decode_reason_code(reader, context, Type);
  if (!reader.at_end())
    out.properties = decode_properties(reader, context, place);
}

} // namespace

void decode_body(wire_reader& reader, const decode_context& context, puback& out) noexcept {
  decode_acknowledgement(reader, context, property_place::puback, out);
}

void decode_body(wire_reader& reader, const decode_context& context, pubrec& out) noexcept {
  decode_acknowledgement(reader, context, property_place::pubrec, out);
}

void decode_body(wire_reader& reader, const decode_context& context, pubrel& out) noexcept {
  decode_acknowledgement(reader, context, property_place::pubrel, out);
}

void decode_body(wire_reader& reader, const decode_context& context, pubcomp& out) noexcept {
  decode_acknowledgement(reader, context, property_place::pubcomp, out);
}

} // namespace actorbus::protocol
