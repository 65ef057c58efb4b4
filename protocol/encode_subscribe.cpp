#include <actorbus/protocol/encode.hpp>

#include <actorbus/protocol/encode_body.hpp>

namespace actorbus::protocol {

namespace {

std::uint8_t options_of(const subscription& entry, protocol_version version) noexcept {
  auto options = static_cast<unsigned>(entry.maximum_qos);
  if (version == protocol_version::v5) {
    options |= entry.no_local ? 0x04u : 0u;
    options |= entry.retain_as_published ? 0x08u : 0u;
    options |= static_cast<unsigned>(entry.retain_handling) << 4;
  }
  return static_cast<std::uint8_t>(options);
}

/// Writes to the end of `raw`, which has been made `size` bytes longer.
wire_writer extend(std::vector<std::uint8_t>& raw, std::size_t size) {
  auto old = raw.size();
  raw.resize(old + size);
  return wire_writer{raw.data() + old};
}

} // namespace

void append_entry(std::vector<std::uint8_t>& raw, const subscription& entry,
                  protocol_version version) {
  auto writer = extend(raw, 2 + entry.filter.size() + 1);
  writer.utf8_string(entry.filter);
  writer.byte(options_of(entry, version));
}

void append_entry(std::vector<std::uint8_t>& raw, std::string_view filter) {
  extend(raw, 2 + filter.size()).utf8_string(filter);
}

std::size_t body_size(const subscribe& value, protocol_version version) noexcept {
  return 2 + properties_size(value.properties, version) + value.entries.raw().size();
}

void write_body(wire_writer& out, const subscribe& value, protocol_version version) noexcept {
  out.two_byte_integer(value.packet_id);
  write_properties(out, value.properties, version);
  for (const auto& each : value.entries) { // one by one: the options depend on the version
    out.utf8_string(each.filter);
    out.byte(options_of(each, version));
  }
}

std::size_t body_size(const suback& value, protocol_version version) noexcept {
  return 2 + properties_size(value.properties, version) + value.codes.size();
}

void write_body(wire_writer& out, const suback& value, protocol_version version) noexcept {
  out.two_byte_integer(value.packet_id);
  write_properties(out, value.properties, version);
  for (auto code : value.codes) // 3.1.1 has one failure only
    out.byte(version != protocol_version::v5 && code >= 0x80 ? std::uint8_t{0x80} : code);
}

std::size_t body_size(const unsubscribe& value, protocol_version version) noexcept {
  return 2 + properties_size(value.properties, version) + value.entries.raw().size();
}

void write_body(wire_writer& out, const unsubscribe& value, protocol_version version) noexcept {
  out.two_byte_integer(value.packet_id);
  write_properties(out, value.properties, version);
  out.raw(value.entries.raw());
}

std::size_t body_size(const unsuback& value, protocol_version version) noexcept {
  if (version != protocol_version::v5)
    return 2;
  return 2 + properties_size(value.properties, version) + value.codes.size();
}

void write_body(wire_writer& out, const unsuback& value, protocol_version version) noexcept {
  out.two_byte_integer(value.packet_id);
  if (version != protocol_version::v5)
    return;
  write_properties(out, value.properties, version);
  out.raw(value.codes);
}

} // namespace actorbus::protocol
