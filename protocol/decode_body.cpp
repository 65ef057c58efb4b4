#include <actorbus/protocol/decode_body.hpp>

namespace actorbus::protocol {

properties_view decode_properties(wire_reader& reader, const decode_context& context,
                                  property_place place) noexcept {
  if (context.version != protocol_version::v5)
    return {};
  auto raw = reader.properties();
  if (!reader.ok())
    return {};
  if (auto cause = check_properties(raw, place); cause != errc::none)
    reader.fail(cause);
  return properties_view{raw};
}

reason_code decode_reason_code(wire_reader& reader, const decode_context& context,
                               packet_type carrier) noexcept {
  auto value = reader.byte();
  if (reader.ok() && !is_allowed(value, carrier, context.from))
    reader.fail(errc::unknown_reason_code);
  return static_cast<reason_code>(value);
}

} // namespace actorbus::protocol
