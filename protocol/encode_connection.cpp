// PINGREQ, PINGRESP, DISCONNECT and AUTH: what keeps a connection going and ends it.

#include <actorbus/protocol/encode_body.hpp>

namespace actorbus::protocol {

std::size_t body_size(const pingreq&, protocol_version) noexcept {
  return 0;
}

void write_body(wire_writer&, const pingreq&, protocol_version) noexcept {}

std::size_t body_size(const pingresp&, protocol_version) noexcept {
  return 0;
}

void write_body(wire_writer&, const pingresp&, protocol_version) noexcept {}

// A reason code without properties needs no property length [v5: 3.14.2.2.1].

std::size_t body_size(const disconnect& value, protocol_version version) noexcept {
  if (version != protocol_version::v5)
    return 0;
  if (value.properties.empty())
    return value.code == reason_code::success ? 0 : 1;
  return 1 + properties_size(value.properties, version);
}

void write_body(wire_writer& out, const disconnect& value, protocol_version version) noexcept {
  if (body_size(value, version) == 0)
    return;
  out.byte(static_cast<std::uint8_t>(value.code));
  if (!value.properties.empty())
    write_properties(out, value.properties, version);
}

// AUTH has the short form for success alone [v5: 3.15.2.1].

std::size_t body_size(const auth& value, protocol_version version) noexcept {
  if (value.code == reason_code::success && value.properties.empty())
    return 0;
  return 1 + properties_size(value.properties, version);
}

void write_body(wire_writer& out, const auth& value, protocol_version version) noexcept {
  if (body_size(value, version) == 0)
    return;
  out.byte(static_cast<std::uint8_t>(value.code));
  write_properties(out, value.properties, version);
}

} // namespace actorbus::protocol
