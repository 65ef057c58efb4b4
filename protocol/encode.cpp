#include <actorbus/protocol/encode.hpp>

#include <cassert>

#include <actorbus/protocol/encode_body.hpp>

namespace actorbus::protocol {

namespace {

/// The flags of every packet but PUBLISH, table 2.2 of the standard.
constexpr std::uint8_t fixed_flags(packet_type type) noexcept {
  return type == packet_type::pubrel || type == packet_type::subscribe ||
                 type == packet_type::unsubscribe
             ? 0b0010
             : 0b0000;
}

} // namespace

std::size_t encoded_size(const packet& value, protocol_version version) noexcept {
  auto size = std::visit([=](const auto& each) { return body_size(each, version); }, value);
  return 1 + variable_byte_integer_size(static_cast<std::uint32_t>(size)) + size;
}

std::uint8_t* encode(const packet& value, protocol_version version, std::uint8_t* out) noexcept {
  if (const auto* message = std::get_if<publish>(&value))
    return encode(*message, version, out);
  wire_writer writer{out};
  auto type = type_of(value);
  writer.byte(static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | fixed_flags(type)));
  std::visit(
      [&](const auto& each) {
        writer.variable_byte_integer(static_cast<std::uint32_t>(body_size(each, version)));
        write_body(writer, each, version);
      },
      value);
  return writer.position();
}

void append(std::vector<std::uint8_t>& out, const packet& value, protocol_version version) {
  auto old = out.size();
  out.resize(old + encoded_size(value, version));
  [[maybe_unused]] const auto* end = encode(value, version, out.data() + old);
  assert(end == out.data() + out.size());
}

} // namespace actorbus::protocol
