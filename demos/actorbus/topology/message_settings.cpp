#include "topology/message_settings.hpp"

#include <algorithm>

#include <actorbus/protocol/topic.hpp>

namespace actorbus::demos {

namespace {

text_template read_template(settings_reader& from, std::string_view key, const std::string& text,
                            std::span<const placeholder> allowed, std::string_view filter) {
  auto wildcards = static_cast<std::size_t>(
      std::count_if(filter.begin(), filter.end(), [](char c) { return c == '+' || c == '#'; }));
  auto result = text_template::parse(text, allowed, wildcards);
  if (result)
    return std::move(*result);
  from.wrong(key, result.error());
  return {};
}

} // namespace

message_template message_template::read(settings_reader& from, std::string_view payload,
                                        std::span<const placeholder> allowed,
                                        std::string_view filter) {
  message_template result;
  auto topic = from.required_text("topic");
  result.topic_ = read_template(from, "topic", topic, allowed, filter);
  if (!topic.empty() && result.topic_.is_constant())
    if (auto fault = protocol::check_topic_name(topic); fault != protocol::errc::none)
      from.wrong("topic", std::string{protocol::to_string(fault)});
  auto content = payload.empty() ? from.required_text("payload")
                                 : from.text("payload").value_or(std::string{payload});
  result.payload_ = read_template(from, "payload", content, allowed, filter);
  result.qos_ = read_qos(from, "qos");
  result.retain_ = from.flag("retain").value_or(false);
  return result;
}

outgoing_message message_template::make(const template_values& values) const {
  return {topic_.text(values), payload_.text(values), qos_, retain_, {}};
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

protocol::qos read_qos(settings_reader& from, std::string_view key) {
  return static_cast<protocol::qos>(from.integer(key, 0, 2).value_or(0));
}

duration read_interval(settings_reader& from, double otherwise_seconds) {
  auto interval = from.number("interval_s", 0.000'001, 1e9);
  auto rate = from.number("rate", 1e-9, 1'000'000);
  if (interval && rate)
    from.wrong("rate", "give either it or interval_s");
  auto seconds = interval ? *interval : rate ? 1.0 / *rate : otherwise_seconds;
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>{seconds});
}

} // namespace actorbus::demos
