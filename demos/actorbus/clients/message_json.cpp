#include "clients/message_json.hpp"

#include <fmt/format.h>

#include <actorbus/protocol/utf8.hpp>

namespace actorbus::demos {

namespace {

using protocol::property_id;

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (auto c : text) {
    switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\b': out += "\\b"; break;
    case '\f': out += "\\f"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      if (static_cast<unsigned char>(c) < 0x20)
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      else
        out += c;
    }
  }
  out += '"';
}

// Correlation data and payloads are bytes: what isn't text becomes a list of numbers.
void append_bytes(std::string& out, std::string_view bytes) {
  if (protocol::check_utf8(bytes) == protocol::errc::none) {
    append_string(out, bytes);
    return;
  }
  out += '[';
  for (auto c : bytes)
    out += fmt::format("{}{}", out.back() == '[' ? "" : ",", static_cast<unsigned char>(c));
  out += ']';
}

// User properties stand together at the place of the first.
void append_user_properties(std::string& out, const protocol::properties_view& properties) {
  out += "\"user-properties\":{";
  for (const auto& each : properties)
    if (each.id == property_id::user_property) {
      if (out.back() != '{')
        out += ',';
      append_string(out, each.text);
      out += ':';
      append_string(out, each.value);
    }
  out += '}';
}

void append_properties(std::string& out, const protocol::properties_view& properties) {
  out += "\"properties\":{";
  auto has_user_properties = false;
  for (const auto& each : properties) {
    if (each.id == property_id::user_property && has_user_properties)
      continue;
    if (out.back() != '{')
      out += ',';
    if (each.id == property_id::user_property) {
      has_user_properties = true;
      append_user_properties(out, properties);
      continue;
    }
    std::string name{protocol::to_string(each.id)};
    for (auto& c : name)
      c = c == ' ' ? '-' : c;
    out += fmt::format("\"{}\":", name);
    const auto* rule = protocol::find_property(static_cast<std::uint32_t>(each.id));
    if (rule->type == protocol::wire_type::binary_data)
      append_bytes(out, each.text);
    else if (rule->type == protocol::wire_type::utf8_string)
      append_string(out, each.text);
    else
      out += std::to_string(each.number);
  }
  out += "},";
}

} // namespace

bool append_json(std::string& out, const timed_message& what, bool payload_is_json, bool pretty) {
  const auto& message = what.message;
  auto text = fmt::format("{{\"tst\":\"{}.{:06}Z{}\",\"topic\":", local_time(what.when, "%FT%T"),
                          what.when.tv_nsec / 1000, local_time(what.when, "%z"));
  append_string(text, message.topic);
  text += fmt::format(",\"qos\":{},\"retain\":{},\"payloadlen\":{},", static_cast<int>(message.qos),
                      message.retain ? 1 : 0, message.payload.size());
  if (message.qos != protocol::qos::at_most_once)
    text += fmt::format("\"mid\":{},", message.packet_id);
  if (!message.properties.empty())
    append_properties(text, message.properties);
  text += "\"payload\":";
  if (message.payload.empty()) {
    text += "null";
  } else if (payload_is_json) {
    auto payload = compact_json(message.payload);
    if (!payload)
      return false;
    text += *payload;
  } else {
    append_bytes(text, message.payload);
  }
  text += '}';
  out += pretty ? pretty_json(text) : text;
  return true;
}

} // namespace actorbus::demos
