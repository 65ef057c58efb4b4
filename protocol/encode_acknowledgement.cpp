#include <actorbus/protocol/encode_body.hpp>

namespace actorbus::protocol {

namespace {

// Success without properties goes without saying, and a reason code without properties needs no
// property length [v5: 3.4.2.1, 3.4.2.2.1].

template <packet_type Type>
std::size_t size_of(const acknowledgement<Type>& value, protocol_version version) noexcept {
  if (version != protocol_version::v5)
    return 2;
  if (value.properties.empty())
    return value.code == reason_code::success ? 2 : 3;
  return 3 + properties_size(value.properties, version);
}

template <packet_type Type>
void write(wire_writer& out, const acknowledgement<Type>& value,
           protocol_version version) noexcept {
  out.two_byte_integer(value.packet_id);
  if (version != protocol_version::v5)
    return;
  if (value.code != reason_code::success || !value.properties.empty())
    out.byte(static_cast<std::uint8_t>(value.code));
  if (!value.properties.empty())
    write_properties(out, value.properties, version);
}

} // namespace

std::size_t body_size(const puback& value, protocol_version version) noexcept {
  return size_of(value, version);
}

std::size_t body_size(const pubrec& value, protocol_version version) noexcept {
  return size_of(value, version);
}

std::size_t body_size(const pubrel& value, protocol_version version) noexcept {
  return size_of(value, version);
}

std::size_t body_size(const pubcomp& value, protocol_version version) noexcept {
  return size_of(value, version);
}

void write_body(wire_writer& out, const puback& value, protocol_version version) noexcept {
  write(out, value, version);
}

void write_body(wire_writer& out, const pubrec& value, protocol_version version) noexcept {
  write(out, value, version);
}

void write_body(wire_writer& out, const pubrel& value, protocol_version version) noexcept {
  write(out, value, version);
}

void write_body(wire_writer& out, const pubcomp& value, protocol_version version) noexcept {
  write(out, value, version);
}

} // namespace actorbus::protocol
