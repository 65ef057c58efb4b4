#pragma once

#include <cstddef>

#include <actorbus/protocol/packets.hpp>
#include <actorbus/protocol/wire_writer.hpp>

namespace actorbus::protocol {

// Two functions a packet: the bytes of the variable header and payload, and these bytes. Size
// and writer stand together in their .cpp, and leave out what the version lacks.

std::size_t body_size(const connect& value, protocol_version version) noexcept;
std::size_t body_size(const connack& value, protocol_version version) noexcept;
std::size_t body_size(const publish& value, protocol_version version) noexcept;
std::size_t body_size(const puback& value, protocol_version version) noexcept;
std::size_t body_size(const pubrec& value, protocol_version version) noexcept;
std::size_t body_size(const pubrel& value, protocol_version version) noexcept;
std::size_t body_size(const pubcomp& value, protocol_version version) noexcept;
std::size_t body_size(const subscribe& value, protocol_version version) noexcept;
std::size_t body_size(const suback& value, protocol_version version) noexcept;
std::size_t body_size(const unsubscribe& value, protocol_version version) noexcept;
std::size_t body_size(const unsuback& value, protocol_version version) noexcept;
std::size_t body_size(const pingreq& value, protocol_version version) noexcept;
std::size_t body_size(const pingresp& value, protocol_version version) noexcept;
std::size_t body_size(const disconnect& value, protocol_version version) noexcept;
std::size_t body_size(const auth& value, protocol_version version) noexcept;

void write_body(wire_writer& out, const connect& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const connack& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const publish& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const puback& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const pubrec& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const pubrel& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const pubcomp& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const subscribe& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const suback& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const unsubscribe& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const unsuback& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const pingreq& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const pingresp& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const disconnect& value, protocol_version version) noexcept;
void write_body(wire_writer& out, const auth& value, protocol_version version) noexcept;

/// Bytes of the properties with their length; none before 5.0.
inline std::size_t properties_size(properties_view properties, protocol_version version) noexcept {
  if (version != protocol_version::v5)
    return 0;
  auto size = properties.raw().size();
  return variable_byte_integer_size(static_cast<std::uint32_t>(size)) + size;
}

/// Writes the properties with their length; nothing before 5.0.
inline void write_properties(wire_writer& out, properties_view properties,
                             protocol_version version) noexcept {
  if (version != protocol_version::v5)
    return;
  out.variable_byte_integer(static_cast<std::uint32_t>(properties.raw().size()));
  out.raw(properties.raw());
}

} // namespace actorbus::protocol
