#include "topology/message_settings.hpp"

#include <limits>
#include <utility>

#include <fmt/format.h>

#include <actorbus/protocol/topic.hpp>
#include <actorbus/protocol/utf8.hpp>

namespace actorbus::demos {

namespace {

using protocol::property_id;

duration of_seconds(double count) {
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>{count});
}

// A property's text as MQTT can carry it.
std::optional<std::string> read_property(settings_reader& from, std::string_view key) {
  auto text = from.text(key);
  if (text && text->size() > 65'535) {
    from.wrong(key, "longer than 65535 bytes");
    return std::nullopt;
  }
  return text;
}

void read_user_properties(settings_reader& from, protocol::property_list& into) {
  const auto* table = from.table("user_properties");
  if (!table)
    return;
  settings_reader pairs{*table, from.where("user_properties"), from.name() + ": user_properties",
                        from.found()};
  for (const auto& entry : *table)
    if (auto value = read_property(pairs, entry.key))
      into.add_user(entry.key, *value);
}

} // namespace

text_template read_template(settings_reader& from, std::string_view key, std::string_view text,
                            const expression_names& names) {
  auto result = text_template::parse(text, names);
  if (result)
    return std::move(*result);
  from.wrong(key, result.error());
  return {};
}

text_template read_topic_template(settings_reader& from, std::string_view key,
                                  std::string_view text, const expression_names& names) {
  auto result = read_template(from, key, text, names);
  if (!text.empty() && result.is_constant())
    if (auto fault = protocol::check_topic_name(text); fault != protocol::errc::none)
      from.wrong(key, std::string{protocol::to_string(fault)});
  return result;
}

protocol::property_list read_properties(settings_reader& from, std::string_view type,
                                        bool is_text) {
  protocol::property_list result;
  if (is_text)
    result.add(property_id::payload_format_indicator, 1);
  if (auto seconds = from.integer("expiry_s", 0, std::numeric_limits<std::uint32_t>::max()))
    result.add(property_id::message_expiry_interval, static_cast<std::uint32_t>(*seconds));
  auto content_type = read_property(from, "content_type").value_or(std::string{type});
  if (!content_type.empty())
    result.add(property_id::content_type, content_type);
  if (auto topic = from.text("response_topic")) {
    if (auto fault = protocol::check_topic_name(*topic); fault != protocol::errc::none)
      from.wrong("response_topic", std::string{protocol::to_string(fault)});
    else
      result.add(property_id::response_topic, *topic);
  }
  read_user_properties(from, result);
  return result;
}

outgoing_message read_head(settings_reader& from, const payload_template& payload) {
  outgoing_message result;
  result.qos = read_qos(from, "qos");
  result.retain = from.flag("retain").value_or(false);
  result.properties = read_properties(from, payload.content_type(), payload.is_json());
  return result;
}

message_template message_template::read(settings_reader& from, std::string_view payload,
                                        const expression_names& names, value_functions* functions) {
  message_template result;
  result.topic_ = read_topic_template(from, "topic", from.required_text("topic"), names);
  result.payload_ = payload_template::read(from, payload, names, functions);
  result.head_ = read_head(from, result.payload_);
  return result;
}

std::optional<outgoing_message> message_template::make(const expression_scope& scope) const {
  auto result = head_;
  if (!topic_.append_to(result.topic, scope) || !payload_.append_to(result.payload, scope))
    return std::nullopt;
  return result;
}

bool message_template::reads_fields_of(std::size_t name) const noexcept {
  return topic_.reads_fields_of(name) || payload_.reads_fields_of(name);
}

std::vector<subscribe_options> read_filters(settings_reader& from) {
  std::vector<subscribe_options> result;
  auto filters = from.texts("filter");
  if (!from.has("filter"))
    from.wrong("\"filter\" is missing");
  auto quality = from.integer("filter_qos", 0, 2).value_or(2);
  for (auto& filter : filters.value_or(std::vector<std::string>{})) {
    if (auto fault = protocol::check_topic_filter(filter); fault != protocol::errc::none)
      from.wrong("filter", '"' + filter + "\": " + std::string{protocol::to_string(fault)});
    result.push_back({std::move(filter), static_cast<protocol::qos>(quality)});
  }
  return result;
}

std::vector<subscribe_options> read_filters_of_others(settings_reader& from) {
  auto result = read_filters(from);
  for (auto& each : result)
    each.no_local = !each.filter.starts_with("$share/");
  return result;
}

std::string capturing_filter(const std::vector<subscribe_options>& filters) {
  return filters.size() == 1 ? filters.front().filter : "";
}

std::optional<expression> read_expression(settings_reader& from, std::string_view key,
                                          const expression_names& names) {
  auto text = from.text(key);
  if (!text)
    return std::nullopt;
  auto result = expression::parse(*text, names);
  if (result)
    return std::move(*result);
  from.wrong(key,
             fmt::format("at character {}: {}", result.error().position + 1, result.error().text));
  return std::nullopt;
}

protocol::qos read_qos(settings_reader& from, std::string_view key) {
  return static_cast<protocol::qos>(from.integer(key, 0, 2).value_or(0));
}

duration read_interval(settings_reader& from, double otherwise_seconds) {
  auto interval = from.number("interval_s", 0.000'001, 1e9);
  auto rate = from.number("rate", 1e-9, 1'000'000);
  if (interval && rate)
    from.wrong("rate", "give either it or interval_s");
  return of_seconds(interval ? *interval : rate ? 1.0 / *rate : otherwise_seconds);
}

duration read_delay(settings_reader& from) {
  return of_seconds(from.number("after_s", 0, 1e9).value_or(0));
}

} // namespace actorbus::demos
