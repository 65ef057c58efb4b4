#include <actorbus/protocol/decode.hpp>

#include <actorbus/protocol/property_reader.hpp>
#include <actorbus/protocol/text_scan.hpp>
#include <actorbus/protocol/utf8.hpp>

namespace actorbus::protocol {

namespace {

/// Checks the properties and picks up those that every receiver asks for, in one pass.
errc decode_publish_properties(byte_view raw, sender from, publish& out) noexcept {
  property_reader reader{raw, property_place::publish};
  property each;
  while (reader.next(each)) {
    if (each.id == property_id::topic_alias) {
      out.topic_alias = static_cast<std::uint16_t>(each.number);
    } else if (each.id == property_id::message_expiry_interval) {
      out.has_message_expiry = true;
      out.message_expiry_interval_seconds = each.number;
    } else if (each.id == property_id::subscription_identifier && from == sender::client) {
      return errc::subscription_identifier_from_client;
    }
  }
  return reader.cause();
}

/// What 5.0 has between the packet identifier and the payload.
/// @param at moved on to the payload
errc decode_v5_part(const std::uint8_t*& at, const std::uint8_t* end, sender from,
                    publish& out) noexcept {
  if (at != end && *at == 0) { // no properties, the usual case
    ++at;
  } else {
    wire_reader reader{{at, end}};
    auto raw = reader.properties();
    if (!reader.ok())
      return reader.cause();
    out.properties = properties_view{raw};
    at = raw.data() + raw.size();
    if (auto cause = decode_publish_properties(raw, from, out); cause != errc::none)
      return cause;
  }
  return out.topic.empty() && out.topic_alias == 0 ? errc::topic_missing : errc::none;
}

} // namespace

errc decode_publish(const frame_header& header, byte_view body, protocol_version version,
                    sender from, publish& out) noexcept {
  unsigned flags = header.flags;
  unsigned level = flags >> 1 & 3u;
  if (level == 3)
    return errc::qos_reserved;
  if (flags >= 8 && level == 0)
    return errc::dup_without_qos;

  const auto* at = body.data();
  const auto* end = at + body.size();
  if (body.size() < 2)
    return errc::truncated;
  auto topic_size = static_cast<std::size_t>(at[0] << 8 | at[1]);
  at += 2;
  if (static_cast<std::size_t>(end - at) < topic_size)
    return errc::truncated;
  out.topic = as_text({at, topic_size});
  if (!is_plain_topic(at, topic_size))
    if (auto cause = check_utf8_topic_name(out.topic); cause != errc::none)
      return cause;
  at += topic_size;

  out.dup = flags >= 8;
  out.qos = static_cast<qos>(level);
  out.retain = (flags & 1u) != 0;
  out.packet_id = 0;
  out.topic_alias = 0;
  out.has_message_expiry = false;
  out.message_expiry_interval_seconds = 0;
  out.properties = {};
  if (level != 0) {
    if (end - at < 2)
      return errc::truncated;
    out.packet_id = static_cast<packet_id>(at[0] << 8 | at[1]);
    if (out.packet_id == 0)
      return errc::packet_id_zero;
    at += 2;
  }
  if (version == protocol_version::v5) {
    if (auto cause = decode_v5_part(at, end, from, out); cause != errc::none)
      return cause;
  } else if (topic_size == 0) {
    return errc::topic_empty;
  }
  out.payload = {at, end};
  return errc::none;
}

} // namespace actorbus::protocol
