#pragma once

#include <actorbus/protocol/packets.hpp>
#include <actorbus/protocol/property.hpp>
#include <actorbus/protocol/wire_reader.hpp>

namespace actorbus::protocol {

/// What a packet's bytes alone don't tell.
struct decode_context {
  protocol_version version;
  sender from;
};

// One function a packet: reads the variable header and the payload. Faults stay in `reader`;
// whoever calls asks it, and refuses bytes that are left over.

void decode_body(wire_reader& reader, const decode_context& context, connect& out) noexcept;
void decode_body(wire_reader& reader, const decode_context& context, connack& out) noexcept;
void decode_body(wire_reader& reader, const decode_context& context, puback& out) noexcept;
void decode_body(wire_reader& reader, const decode_context& context, pubrec& out) noexcept;
void decode_body(wire_reader& reader, const decode_context& context, pubrel& out) noexcept;
void decode_body(wire_reader& reader, const decode_context& context, pubcomp& out) noexcept;
void decode_body(wire_reader& reader, const decode_context& context, subscribe& out) noexcept;
void decode_body(wire_reader& reader, const decode_context& context, suback& out) noexcept;
void decode_body(wire_reader& reader, const decode_context& context, unsubscribe& out) noexcept;
void decode_body(wire_reader& reader, const decode_context& context, unsuback& out) noexcept;
void decode_body(wire_reader& reader, const decode_context& context, pingreq& out) noexcept;
void decode_body(wire_reader& reader, const decode_context& context, pingresp& out) noexcept;
void decode_body(wire_reader& reader, const decode_context& context, disconnect& out) noexcept;
void decode_body(wire_reader& reader, const decode_context& context, auth& out) noexcept;

/// Reads and checks the properties of 5.0; the other versions have none.
properties_view decode_properties(wire_reader& reader, const decode_context& context,
                                  property_place place) noexcept;

/// Reads a reason code of 5.0 that a `carrier` may have.
reason_code decode_reason_code(wire_reader& reader, const decode_context& context,
                               packet_type carrier) noexcept;

} // namespace actorbus::protocol
