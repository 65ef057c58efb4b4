#include "recording/recorded_message.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <actorbus/actors/base64.hpp>
#include <actorbus/actors/json_encoding.hpp>
#include <actorbus/protocol/topic.hpp>
#include <actorbus/protocol/utf8.hpp>

#include "nearest_name.hpp"

namespace actorbus::demos {

namespace {

using nlohmann::ordered_json;
using protocol::property_id;
using protocol::wire_type;

// The connection's own affairs are not recorded.
bool is_recorded(property_id id) noexcept {
  return id != property_id::topic_alias && id != property_id::subscription_identifier;
}

// The standard's name with hyphens, as mosquitto's clients write it.
std::string name_of(property_id id) {
  std::string result{protocol::to_string(id)};
  std::replace(result.begin(), result.end(), ' ', '-');
  return result;
}

ordered_json properties_json(protocol::properties_view properties) {
  auto result = ordered_json::object();
  for (const auto& each : properties) {
    if (!is_recorded(each.id))
      continue;
    const auto* rule = protocol::find_property(static_cast<std::uint32_t>(each.id));
    auto& place = result[name_of(each.id)];
    if (rule->type == wire_type::utf8_string_pair)
      place.push_back(ordered_json::array({std::string{each.text}, std::string{each.value}}));
    else if (rule->type == wire_type::utf8_string)
      place = std::string{each.text};
    else if (rule->type == wire_type::binary_data)
      place = to_base64(each.text);
    else
      place = each.number;
  }
  return result;
}

/// What is wrong with a line.
struct fault_in_line {
  std::string text;
};

[[noreturn]] void fail(std::string text) {
  throw fault_in_line{std::move(text)};
}

const protocol::property_rule& rule_of(const std::string& name) {
  std::vector<std::string> known;
  for (std::uint32_t id = 1; id < 0x80; ++id) {
    const auto* rule = protocol::find_property(id);
    auto place = static_cast<unsigned>(protocol::property_place::publish);
    if (!rule || (rule->places >> place & 1) == 0 || !is_recorded(rule->id))
      continue;
    known.push_back(name_of(rule->id));
    if (known.back() == name)
      return *rule;
  }
  std::vector<std::string_view> names{known.begin(), known.end()};
  fail(fmt::format("no property \"{}\"{}", name, suggestion(name, names)));
}

const std::string& text_in(const nlohmann::json& value, std::string_view name) {
  const auto* text = value.get_ptr<const std::string*>();
  if (!text)
    fail(fmt::format("\"{}\" is no text", name));
  return *text;
}

const std::string& property_text(const nlohmann::json& value, std::string_view name) {
  const auto& text = text_in(value, name);
  if (text.size() > 65'535)
    fail(fmt::format("\"{}\" is longer than 65535 bytes", name));
  return text;
}

void add_pairs(const nlohmann::json& value, const std::string& name,
               protocol::property_list& into) {
  if (!value.is_array())
    fail(fmt::format("\"{}\" is no list", name));
  for (const auto& pair : value) {
    if (!pair.is_array() || pair.size() != 2)
      fail(fmt::format("\"{}\" has something that is no pair", name));
    into.add_user(property_text(pair[0], name), property_text(pair[1], name));
  }
}

std::string binary(const nlohmann::json& value, std::string_view name) {
  auto bytes = from_base64(text_in(value, name));
  if (!bytes)
    fail(fmt::format("\"{}\" is not base64", name));
  return std::move(*bytes);
}

void add_property(const std::string& name, const nlohmann::json& value,
                  protocol::property_list& into) {
  const auto& rule = rule_of(name);
  switch (rule.type) {
  case wire_type::utf8_string_pair: add_pairs(value, name, into); return;
  case wire_type::utf8_string: into.add(rule.id, property_text(value, name)); break;
  case wire_type::binary_data: {
    auto bytes = binary(value, name);
    if (bytes.size() > 65'535)
      fail(fmt::format("\"{}\" is longer than 65535 bytes", name));
    into.add(rule.id, bytes);
    break;
  }
  default: {
    auto most = rule.type == wire_type::byte ? 1u : 0xFFFF'FFFFu;
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
      fail(fmt::format("\"{}\" is no number from 0 to {}", name, most));
    into.add(rule.id, value.get<std::uint32_t>());
  }
  }
}

void read_member(const std::string& name, const nlohmann::json& value, recorded_message& into) {
  auto& message = into.message;
  if (name == "t") {
    if (!value.is_number() || std::abs(value.get<double>()) > 1e12)
      fail("\"t\" is no number of seconds");
    into.time = std::chrono::microseconds{std::llround(value.get<double>() * 1e6)};
  } else if (name == "topic") {
    message.topic = text_in(value, name);
    if (auto fault = protocol::check_topic_name(message.topic); fault != protocol::errc::none)
      fail(fmt::format("\"topic\": {}", protocol::to_string(fault)));
  } else if (name == "payload") {
    message.payload = text_in(value, name);
  } else if (name == "base64") {
    message.payload = binary(value, name);
  } else if (name == "qos") {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > 2)
      fail("\"qos\" is not 0, 1 or 2");
    message.qos = static_cast<protocol::qos>(value.get<unsigned>());
  } else if (name == "retain") {
    if (!value.is_boolean())
      fail("\"retain\" is neither true nor false");
    message.retain = value.get<bool>();
  } else if (name == "properties") {
    if (!value.is_object())
      fail("\"properties\" is no object");
    for (const auto& [key, member] : value.items())
      add_property(key, member, message.properties);
    if (auto fault = protocol::check_properties(message.properties.view().raw(),
                                                protocol::property_place::publish);
        fault != protocol::errc::none)
      fail(fmt::format("\"properties\": {}", protocol::to_string(fault)));
  } else {
    constexpr std::string_view names[] = {"t",   "topic",  "payload",   "base64",
                                          "qos", "retain", "properties"};
    fail(fmt::format("no member \"{}\"{}", name, suggestion(name, names)));
  }
}

} // namespace

void append_recorded(std::string& out, const incoming_message& message,
                     std::chrono::microseconds time) {
  ordered_json line{{"t", static_cast<double>(time.count()) / 1e6},
                    {"topic", std::string{message.topic}}};
  if (protocol::check_utf8(message.payload) == protocol::errc::none)
    line["payload"] = std::string{message.payload};
  else
    line["base64"] = to_base64(message.payload);
  if (message.qos != protocol::qos::at_most_once)
    line["qos"] = static_cast<int>(message.qos);
  if (message.retain)
    line["retain"] = true;
  if (auto properties = properties_json(message.properties); !properties.empty())
    line["properties"] = std::move(properties);
  out += line.dump();
  out += '\n';
}

protocol::expected<recorded_message, std::string> parse_recorded(std::string_view line) {
  json_encoding limited{{.payload_bytes_max = line.size(), .depth_max = 4}};
  auto parsed = limited.decode<nlohmann::json>(line);
  if (!parsed || !parsed->is_object())
    return protocol::unexpected{std::string{"no JSON object"}};
  try {
    recorded_message result;
    for (const auto& [name, value] : parsed->items())
      read_member(name, value, result);
    for (auto name : {"t", "topic"})
      if (!parsed->contains(name))
        fail(fmt::format("\"{}\" is missing", name));
    if (parsed->contains("payload") == parsed->contains("base64"))
      fail("needs either \"payload\" or \"base64\"");
    return result;
  } catch (fault_in_line& fault) {
    return protocol::unexpected{std::move(fault.text)};
  }
}

} // namespace actorbus::demos
