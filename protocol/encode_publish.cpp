#include <actorbus/protocol/encode.hpp>

#include <actorbus/protocol/encode_body.hpp>

namespace actorbus::protocol {

std::size_t body_size(const publish& value, protocol_version version) noexcept {
  return 2 + value.topic.size() + (value.qos != qos::at_most_once ? 2u : 0u) +
         properties_size(value.properties, version) + value.payload.size();
}

namespace {

void write_variable_header(wire_writer& out, const publish& value,
                           protocol_version version) noexcept {
  out.utf8_string(value.topic);
  if (value.qos != qos::at_most_once)
    out.two_byte_integer(value.packet_id);
  write_properties(out, value.properties, version);
}

} // namespace

void write_body(wire_writer& out, const publish& value, protocol_version version) noexcept {
  write_variable_header(out, value, version);
  out.raw(value.payload);
}

std::size_t encoded_size(const publish& value, protocol_version version) noexcept {
  auto size = body_size(value, version);
  return 1 + variable_byte_integer_size(static_cast<std::uint32_t>(size)) + size;
}

std::uint8_t* encode_head(const publish& value, protocol_version version,
                          std::uint8_t* out) noexcept {
  wire_writer writer{out};
  auto type = static_cast<unsigned>(packet_type::publish) << 4;
  auto flags =
      (value.dup ? 8u : 0u) | static_cast<unsigned>(value.qos) << 1 | (value.retain ? 1u : 0u);
  writer.byte(static_cast<std::uint8_t>(type | flags));
  writer.variable_byte_integer(static_cast<std::uint32_t>(body_size(value, version)));
  write_variable_header(writer, value, version);
  return writer.position();
}

std::uint8_t* encode(const publish& value, protocol_version version, std::uint8_t* out) noexcept {
  wire_writer writer{encode_head(value, version, out)};
  writer.raw(value.payload);
  return writer.position();
}

} // namespace actorbus::protocol
