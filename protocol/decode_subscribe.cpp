#include <actorbus/protocol/decode_body.hpp>
#include <actorbus/protocol/topic.hpp>

namespace actorbus::protocol {

namespace {

/// The subscription options of section 3.8.3.1; before 5.0 there is the QoS only.
errc check_options(unsigned options, std::string_view filter, protocol_version version) noexcept {
  unsigned reserved = version == protocol_version::v5 ? 0xC0u : 0xFCu;
  if ((options & reserved) != 0)
    return errc::subscription_options_reserved;
  if ((options & 3u) == 3)
    return errc::subscription_qos_reserved;
  if ((options >> 4 & 3u) == 3)
    return errc::retain_handling_reserved;
  if ((options & 4u) != 0 && filter.starts_with(share_prefix))
    return errc::share_no_local;
  return errc::none;
}

/// Whether a SUBACK's byte is right: 3.1.1 knows the granted QoS and "failure".
bool is_suback_code(std::uint8_t code, const decode_context& context) noexcept {
  if (context.version == protocol_version::v5)
    return is_allowed(code, packet_type::suback, context.from);
  return code <= 2 || code == 0x80;
}

} // namespace

void decode_body(wire_reader& reader, const decode_context& context, subscribe& out) noexcept {
  out.packet_id = reader.packet_id();
  out.properties = decode_properties(reader, context, property_place::subscribe);
  if (reader.ok())
    reader.require(!reader.at_end(), errc::subscription_list_empty);
  auto lines = reader;
  out.entries = entry_list<subscription>{lines.rest()};
  while (!reader.at_end()) {
    auto filter = reader.utf8_string();
    auto options = reader.byte();
    if (reader.ok())
      if (auto cause = check_options(options, filter, context.version); cause != errc::none)
        reader.fail(cause);
  }
}

void decode_body(wire_reader& reader, const decode_context& context, suback& out) noexcept {
  out.packet_id = reader.packet_id();
  out.properties = decode_properties(reader, context, property_place::suback);
  out.codes = reader.rest();
  if (!reader.ok())
    return;
  reader.require(!out.codes.empty(), errc::reason_code_missing);
  for (auto code : out.codes)
    reader.require(is_suback_code(code, context), errc::unknown_reason_code);
}

void decode_body(wire_reader& reader, const decode_context& context, unsubscribe& out) noexcept {
  out.packet_id = reader.packet_id();
  out.properties = decode_properties(reader, context, property_place::unsubscribe);
  if (reader.ok())
    reader.require(!reader.at_end(), errc::subscription_list_empty);
  auto lines = reader;
  out.entries = entry_list<std::string_view>{lines.rest()};
  while (!reader.at_end())
    reader.utf8_string();
}

void decode_body(wire_reader& reader, const decode_context& context, unsuback& out) noexcept {
  out.packet_id = reader.packet_id();
  if (context.version != protocol_version::v5)
    return;
  out.properties = decode_properties(reader, context, property_place::unsuback);
  out.codes = reader.rest();
  if (!reader.ok())
    return;
  reader.require(!out.codes.empty(), errc::reason_code_missing);
  for (auto code : out.codes)
    reader.require(is_allowed(code, packet_type::unsuback, context.from),
                   errc::unknown_reason_code);
}

} // namespace actorbus::protocol
