#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <actorbus/protocol/topic.hpp>

#include "topology/message_scope.hpp"
#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"
#include "topology/word_setting.hpp"

namespace actorbus::demos {

namespace {

constexpr std::string_view own_names[] = {"n", "time", "name"};
constexpr std::string_view topic_names[] = {"name"};

/// Whether an expression can name it.
bool is_name(std::string_view text) {
  auto parsed = expression::parse(text, {{&text, 1}});
  return parsed && parsed->is_name(0);
}

/// Puts the latest of several topics into one message. Messages that lead to the same topic belong
/// together.
class merge final : public participant {
public:
  merge(settings_reader& from, const participant_context& context)
      : calendar_(context.calendar), name_(context.name) {
    read_inputs(from);
    std::vector<std::string_view> names;
    for (const auto& each : inputs_)
      names.push_back(each.name);
    names.insert(names.end(), std::begin(own_names), std::end(own_names));
    expression_names known{names, wildcards()};
    topic_ = read_topic_template(from, "topic", from.required_text("topic"),
                                 {topic_names, known.captures});
    has_payload_ = from.has("payload") || from.has("fields");
    payload_ = payload_template::read(from, "{name}", known); // of no use if there is none
    if (!has_payload_ && from.has("payload_size"))
      from.wrong("payload_size", "needs \"payload\"");
    head_ = read_head(from, payload_);
    if (!has_payload_ && !head_.properties.view().text(protocol::property_id::content_type))
      head_.properties.add(protocol::property_id::content_type, "application/json");
    constexpr std::pair<std::string_view, bool> moments[] = {{"each", false}, {"all", true}};
    waits_for_all_ = read_word<bool>(from, "emit", false, moments);
    if (from.has("interval_s") || from.has("rate")) {
      interval_ = read_interval(from, 1);
      if (from.has("emit"))
        from.wrong("emit", "give either it or interval_s");
    }
    groups_max_ = static_cast<std::size_t>(
        from.integer("groups_max", 1, 1'000'000).value_or(groups_max_default));
  }

  std::vector<subscribe_options> subscriptions() const override {
    std::vector<subscribe_options> result;
    for (const auto& each : inputs_)
      result.push_back(each.filter);
    return result;
  }

  void start(time_point now, participant_effects& effects) override {
    if (!interval_)
      return;
    due_ = now + *interval_;
    effects.next_alarm = due_;
  }

  void on_message(const incoming_message& message, time_point now,
                  participant_effects& effects) override {
    auto value = latest_of(message);
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const auto& filter = inputs_[i].filter.filter;
      if (!protocol::matches(protocol::split_share(filter).filter, message.topic))
        continue;
      auto* group = group_of(filter, message.topic, value, i, effects);
      if (!group)
        continue;
      auto is_due = waits_for_all_ ? all(*group, &latest::is_new) : all(*group, &latest::is_there);
      if (is_due && !interval_)
        publish(*group, now, effects);
    }
  }

  void on_alarm(time_point now, participant_effects& effects) override {
    for (auto& [topic, group] : groups_)
      if (all(group, &latest::is_there))
        publish(group, now, effects);
    while (due_ <= now)
      due_ += *interval_;
    effects.next_alarm = due_;
  }

private:
  static constexpr std::size_t inputs_max = 32;
  static constexpr std::int64_t groups_max_default = 1000;

  struct input {
    std::string name;
    subscribe_options filter;
  };

  /// The latest message of an input.
  struct latest {
    bool is_there = false;
    bool is_new = false; ///< since the group was published
    std::string payload{};
    std::shared_ptr<const nlohmann::json> document{}; ///< null: it is none
  };

  struct group {
    std::string topic;
    std::vector<latest> values; ///< one an input
    std::vector<std::string> captures;
  };

  void read_inputs(settings_reader& from) {
    const auto* table = from.table("inputs");
    if (!from.has("inputs"))
      from.wrong("\"inputs\" is missing, as in { temperature = \"sensors/+/temperature\" }");
    auto quality = static_cast<protocol::qos>(from.integer("filter_qos", 0, 2).value_or(2));
    if (!table)
      return;
    settings_reader reader{*table, from.where("inputs"), from.name() + ": inputs", from.found()};
    if (table->empty() || table->size() > inputs_max)
      from.wrong("inputs", fmt::format("must be 1 to {}", inputs_max));
    for (const auto& entry : *table) {
      auto filter = reader.text(entry.key).value_or("");
      auto is_taken = std::count(std::begin(own_names), std::end(own_names), entry.key) != 0;
      if (is_taken || !is_name(entry.key))
        reader.wrong(entry.key, is_taken ? "that name stands for something else"
                                         : "a name has letters, digits and _ only");
      if (auto fault = protocol::check_topic_filter(filter);
          !filter.empty() && fault != protocol::errc::none)
        reader.wrong(entry.key, fmt::format("\"{}\": {}", filter, protocol::to_string(fault)));
      auto is_shared = filter.starts_with("$share/");
      inputs_.push_back(
          {entry.key, {.filter = filter, .maximum_qos = quality, .no_local = !is_shared}});
    }
  }

  /// What all inputs have alike.
  std::size_t wildcards() const {
    if (inputs_.empty())
      return 0;
    auto count = wildcards_in(inputs_.front().filter.filter);
    auto is_alike = [count](const input& each) {
      return wildcards_in(each.filter.filter) == count;
    };
    return std::all_of(inputs_.begin(), inputs_.end(), is_alike) ? count : 0;
  }

  static latest latest_of(const incoming_message& message) {
    return {true, true, std::string{message.payload},
            read_document(message.payload, message.properties)};
  }

  static bool all(const group& of, bool latest::*what) {
    return std::all_of(of.values.begin(), of.values.end(),
                       [what](const latest& each) { return each.*what; });
  }

  /// Puts a message where it belongs.
  /// @returns its group; nullptr if there are too many or its topic has no value
  group* group_of(std::string_view filter, std::string_view topic, const latest& value,
                  std::size_t of, participant_effects& effects) {
    auto found = captures(filter, topic);
    std::array<expression_value, 1> values{std::string_view{name_}};
    std::string key;
    if (!topic_.append_to(key, {.values = values, .captures = found}))
      return nullptr;
    auto place = groups_.find(key);
    if (place == groups_.end()) {
      if (groups_.size() >= groups_max_) {
        if (!std::exchange(told_, true))
          effects.lines.push_back(name_ + ": " + key +
                                  " would be one more topic than groups_max; it is left out");
        return nullptr;
      }
      place = groups_.emplace(key, group{key, std::vector<latest>(inputs_.size()), {}}).first;
    }
    place->second.values[of] = value;
    place->second.captures.assign(found.begin(), found.end());
    return &place->second;
  }

  // A document that is no more than a number or the like is that.
  static expression_value value_of(const latest& what) {
    if (what.document)
      return demos::value_of(*what.document);
    return what.is_there ? expression_value{std::string_view{what.payload}} : expression_value{};
  }

  void publish(group& what, time_point now, participant_effects& effects) {
    auto message = head_;
    message.topic = what.topic;
    if (!has_payload_)
      message.payload = all_as_json(what);
    else if (!append_payload(what, now, message.payload))
      return;
    for (auto& each : what.values)
      each.is_new = false;
    ++published_;
    effects.publishes.push_back(std::move(message));
  }

  std::string all_as_json(const group& what) const {
    auto result = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      result[inputs_[i].name] = to_json(value_of(what.values[i]));
    return result.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }

  bool append_payload(const group& what, time_point now, std::string& out) const {
    std::vector<expression_value> values;
    std::vector<const nlohmann::json*> documents;
    for (const auto& each : what.values) {
      values.push_back(value_of(each));
      documents.push_back(each.document.get());
    }
    auto time = iso_time(calendar_.at(now));
    values.insert(values.end(), {static_cast<std::int64_t>(published_ + 1), std::string_view{time},
                                 std::string_view{name_}});
    std::vector<std::string_view> found{what.captures.begin(), what.captures.end()};
    return payload_.append_to(out, {values, documents, found});
  }

  std::vector<input> inputs_;
  text_template topic_;
  bool has_payload_ = false; ///< otherwise all inputs as JSON
  payload_template payload_;
  outgoing_message head_;
  bool waits_for_all_ = false; ///< publishes once each input has something new
  std::optional<duration> interval_;
  std::size_t groups_max_ = 0;
  wall_clock calendar_;
  std::string name_;
  std::map<std::string, group> groups_; ///< by the topic that they are published to
  std::uint64_t published_ = 0;
  time_point due_{};
  bool told_ = false; ///< that there are too many groups
};

} // namespace

std::unique_ptr<participant> read_merge(settings_reader& from, const participant_context& context) {
  return std::make_unique<merge>(from, context);
}

} // namespace actorbus::demos
