#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "topology/message_scope.hpp"
#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"

namespace actorbus::demos {

namespace {

constexpr std::array<std::string_view, 10> window_names{"n",    "time", "name", "count", "sum",
                                                        "mean", "min",  "max",  "first", "last"};

/// What is known of the numbers of a window.
struct summary {
  std::uint64_t count = 0;
  double sum = 0;
  double minimum = std::numeric_limits<double>::infinity();
  double maximum = -std::numeric_limits<double>::infinity();
  double first = 0;
  double last = 0;

  void add(double value) {
    if (count++ == 0)
      first = value;
    sum += value;
    minimum = std::min(minimum, value);
    maximum = std::max(maximum, value);
    last = value;
  }
};

/// Summarises numbers, so many of them or those of a time. Messages that lead to the same topic
/// share a window.
class window final : public participant {
public:
  window(settings_reader& from, const participant_context& context)
      : filters_(read_filters_of_others(from)),
        capturing_(capturing_filter(filters_)),
        of_(read_of(from)),
        topic_(read_topic_template(from, "topic", from.required_text("topic"), rule_names())),
        payload_(payload_template::read(from, "{mean}", {window_names})),
        head_(read_head(from, payload_)),
        needs_fields_(of_.reads_fields_of(message_scope::payload) ||
                      topic_.reads_fields_of(message_scope::payload)),
        count_(static_cast<std::uint64_t>(
            from.integer("count", 1, std::numeric_limits<std::int64_t>::max()).value_or(0))),
        windows_max_(static_cast<std::size_t>(
            from.integer("windows_max", 1, 1'000'000).value_or(windows_max_default))),
        calendar_(context.calendar),
        name_(context.name) {
    if (from.has("interval_s") || from.has("rate"))
      interval_ = read_interval(from, 1);
    else if (!from.has("count"))
      from.wrong("\"count\" or \"interval_s\" is missing: how long a window is");
  }

  std::vector<subscribe_options> subscriptions() const override { return filters_; }

  void start(time_point now, participant_effects& effects) override {
    if (!interval_)
      return;
    end_ = now + *interval_;
    effects.next_alarm = end_;
  }

  void on_message(const incoming_message& message, time_point now,
                  participant_effects& effects) override {
    message_scope known{message, capturing_, needs_fields_};
    auto time = iso_time(calendar_.at(now));
    auto scope = known.with(published_ + 1, time, name_);
    auto value = to_number(of_.evaluate(scope));
    std::string topic;
    if (is_nothing(value) || !topic_.append_to(topic, scope)) {
      tell(message, "has no number for the window", effects);
      return;
    }
    auto found = windows_.find(topic);
    if (found == windows_.end()) {
      if (windows_.size() >= windows_max_) {
        tell(message, "would open more windows than windows_max", effects);
        return;
      }
      found = windows_.emplace(std::move(topic), summary{}).first;
    }
    found->second.add(to_double(value, 0));
    if (count_ != 0 && found->second.count >= count_) {
      publish(found->first, found->second, time, effects);
      windows_.erase(found);
    }
  }

  void on_alarm(time_point now, participant_effects& effects) override {
    auto time = iso_time(calendar_.at(end_));
    for (const auto& [topic, what] : windows_)
      publish(topic, what, time, effects);
    windows_.clear();
    while (end_ <= now) // windows in which it was away were empty
      end_ += *interval_;
    effects.next_alarm = end_;
  }

private:
  static constexpr std::int64_t windows_max_default = 1000;

  expression_names rule_names() const { return message_scope::names_with(capturing_); }

  expression read_of(settings_reader& from) const {
    if (auto given = read_expression(from, "of", rule_names()))
      return std::move(*given);
    return *expression::parse("payload", rule_names());
  }

  void tell(const incoming_message& message, std::string_view what, participant_effects& effects) {
    if (!std::exchange(told_, true))
      effects.lines.push_back(name_ + ": a message to " + std::string{message.topic} + ' ' +
                              std::string{what} + "; such ones are left out");
  }

  void publish(const std::string& topic, const summary& what, std::string_view time,
               participant_effects& effects) {
    std::array<expression_value, window_names.size()> values{
        static_cast<std::int64_t>(published_ + 1),
        time,
        std::string_view{name_},
        static_cast<std::int64_t>(what.count),
        what.sum,
        what.sum / static_cast<double>(what.count),
        what.minimum,
        what.maximum,
        what.first,
        what.last};
    auto message = head_;
    message.topic = topic;
    if (!payload_.append_to(message.payload, {values}))
      return;
    ++published_;
    effects.publishes.push_back(std::move(message));
  }

  std::vector<subscribe_options> filters_;
  std::string capturing_;
  expression of_;
  text_template topic_;
  payload_template payload_;
  outgoing_message head_;
  bool needs_fields_;
  std::uint64_t count_; ///< 0: any
  std::optional<duration> interval_;
  std::size_t windows_max_;
  wall_clock calendar_;
  std::string name_;
  std::map<std::string, summary> windows_; ///< by the topic that they are published to
  std::uint64_t published_ = 0;
  time_point end_{};
  bool told_ = false; ///< that messages are left out
};

} // namespace

std::unique_ptr<participant> read_window(settings_reader& from,
                                         const participant_context& context) {
  return std::make_unique<window>(from, context);
}

} // namespace actorbus::demos
