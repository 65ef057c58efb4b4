#include <actorbus/protocol/decode_body.hpp>

#include <actorbus/protocol/topic.hpp>

namespace actorbus::protocol {

namespace {

/// The byte behind the protocol version, section 3.1.2.3.
struct connect_flags {
  bool reserved;
  bool clean_start;
  bool has_will;
  unsigned will_qos;
  bool will_retain;
  bool has_password;
  bool has_user_name;

  explicit connect_flags(unsigned byte) noexcept
      : reserved((byte & 0x01u) != 0),
        clean_start((byte & 0x02u) != 0),
        has_will((byte & 0x04u) != 0),
        will_qos(byte >> 3 & 3u),
        will_retain((byte & 0x20u) != 0),
        has_password((byte & 0x40u) != 0),
        has_user_name((byte & 0x80u) != 0) {}
};

/// The protocol name and level: "MQIsdp" 3, "MQTT" 4 or 5. Mosquitto's bridges set the top bit
/// of the level in 3.1 and 3.1.1, to say that they want their own messages not back.
void decode_version(wire_reader& reader, connect& out) noexcept {
  constexpr unsigned bridge_bit = 0x80;
  auto name = as_text(reader.binary_data());
  auto is_v3_1 = name == "MQIsdp";
  if (reader.ok())
    reader.require(is_v3_1 || name == "MQTT", errc::protocol_name_invalid);
  unsigned level = reader.byte();
  if (!reader.ok())
    return;
  out.bridge = (level & bridge_bit) != 0;
  if (out.bridge && level != (bridge_bit | 5u))
    level &= ~bridge_bit;
  if (is_v3_1 ? level != 3 : level != 4 && level != 5)
    reader.fail(errc::protocol_version_unsupported);
  else
    out.version = static_cast<protocol_version>(level);
}

void check_flags(wire_reader& reader, const connect_flags& flags,
                 protocol_version version) noexcept {
  if (!reader.ok())
    return;
  // 3.1 does not use the bit and asks nothing of it.
  reader.require(!flags.reserved || version == protocol_version::v3_1, errc::connect_reserved_flag);
  reader.require(flags.has_will || (flags.will_qos == 0 && !flags.will_retain),
                 errc::will_flags_without_will);
  reader.require(flags.will_qos != 3, errc::will_qos_reserved);
  reader.require(!flags.has_password || flags.has_user_name || version == protocol_version::v5,
                 errc::password_without_user_name);
}

will decode_will(wire_reader& reader, const decode_context& context,
                 const connect_flags& flags) noexcept {
  will result;
  result.qos = static_cast<qos>(flags.will_qos);
  result.retain = flags.will_retain;
  result.properties = decode_properties(reader, context, property_place::will);
  result.topic = reader.utf8_string();
  if (reader.ok())
    if (auto cause = check_topic_name(result.topic); cause != errc::none)
      reader.fail(cause);
  result.payload = reader.binary_data();
  return result;
}

} // namespace

void decode_body(wire_reader& reader, const decode_context& context, connect& out) noexcept {
  decode_version(reader, out);
  connect_flags flags{reader.byte()};
  check_flags(reader, flags, out.version);
  if (!reader.ok())
    return;
  decode_context own{out.version, context.from};
  out.clean_start = flags.clean_start;
  out.keep_alive_seconds = reader.two_byte_integer();
  out.properties = decode_properties(reader, own, property_place::connect);
  out.client_id = reader.utf8_string();
  if (flags.has_will)
    out.will = decode_will(reader, own, flags);
  // In 3.1 the remaining length takes precedence over these two flags: a string that is
  // announced may be missing, and the connection goes on.
  auto may_be_missing = out.version == protocol_version::v3_1;
  if (flags.has_user_name && !(may_be_missing && reader.at_end()))
    out.user_name = reader.utf8_string();
  if (flags.has_password && !(may_be_missing && reader.at_end()))
    out.password = reader.binary_data();
}

void decode_body(wire_reader& reader, const decode_context& context, connack& out) noexcept {
  auto flags = reader.byte();
  // 3.1 does not use the first byte.
  if (context.version != protocol_version::v3_1) {
    reader.require(flags <= 1, errc::connack_reserved_flags);
    out.session_present = flags == 1;
  }
  if (context.version == protocol_version::v5) {
    out.code = decode_reason_code(reader, context, packet_type::connack);
  } else {
    auto return_code = reader.byte();
    reader.require(return_code <= 5, errc::unknown_reason_code);
    out.code = from_v3_connack(return_code);
  }
  if (reader.ok())
    reader.require(!out.session_present || out.code == reason_code::success,
                   errc::session_present_with_error);
  out.properties = decode_properties(reader, context, property_place::connack);
}

} // namespace actorbus::protocol
