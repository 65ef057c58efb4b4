#include <actorbus/protocol/encode_body.hpp>

namespace actorbus::protocol {

namespace {

std::string_view protocol_name(protocol_version version) noexcept {
  return version == protocol_version::v3_1 ? "MQIsdp" : "MQTT";
}

std::uint8_t protocol_level(const connect& value) noexcept {
  auto level = static_cast<unsigned>(value.version);
  auto bridge = value.bridge && value.version != protocol_version::v5 ? 0x80u : 0u;
  return static_cast<std::uint8_t>(level | bridge);
}

std::uint8_t connect_flags(const connect& value) noexcept {
  unsigned flags = value.clean_start ? 0x02u : 0u;
  if (value.will) {
    flags |= 0x04u | static_cast<unsigned>(value.will->qos) << 3;
    flags |= value.will->retain ? 0x20u : 0u;
  }
  flags |= value.password ? 0x40u : 0u;
  flags |= value.user_name ? 0x80u : 0u;
  return static_cast<std::uint8_t>(flags);
}

} // namespace

// A CONNECT says its version itself; the one of the connection does not count.

std::size_t body_size(const connect& value, protocol_version) noexcept {
  auto version = value.version;
  auto size = 2 + protocol_name(version).size() + 4; // level, flags, keep-alive
  size += properties_size(value.properties, version) + 2 + value.client_id.size();
  if (value.will)
    size += properties_size(value.will->properties, version) + 2 + value.will->topic.size() + 2 +
            value.will->payload.size();
  if (value.user_name)
    size += 2 + value.user_name->size();
  if (value.password)
    size += 2 + value.password->size();
  return size;
}

void write_body(wire_writer& out, const connect& value, protocol_version) noexcept {
  auto version = value.version;
  out.utf8_string(protocol_name(version));
  out.byte(protocol_level(value));
  out.byte(connect_flags(value));
  out.two_byte_integer(value.keep_alive_seconds);
  write_properties(out, value.properties, version);
  out.utf8_string(value.client_id);
  if (value.will) {
    write_properties(out, value.will->properties, version);
    out.utf8_string(value.will->topic);
    out.binary_data(value.will->payload);
  }
  if (value.user_name)
    out.utf8_string(*value.user_name);
  if (value.password)
    out.binary_data(*value.password);
}

std::size_t body_size(const connack& value, protocol_version version) noexcept {
  return 2 + properties_size(value.properties, version);
}

void write_body(wire_writer& out, const connack& value, protocol_version version) noexcept {
  // 3.1 has no "session present", and a refusal never has [v5:MQTT-3.2.2-6, v3:MQTT-3.2.2-4].
  auto is_present = value.session_present && version != protocol_version::v3_1 &&
                    value.code == reason_code::success;
  out.byte(is_present ? 1 : 0);
  out.byte(version == protocol_version::v5 ? static_cast<std::uint8_t>(value.code)
                                           : to_v3_connack(value.code));
  write_properties(out, value.properties, version);
}

} // namespace actorbus::protocol
