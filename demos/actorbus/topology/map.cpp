#include "topology/message_scope.hpp"
#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"

namespace actorbus::demos {

namespace {

using protocol::property_id;

/// Publishes the messages that meet a condition under another topic, as they are or rewritten.
class mapper final : public participant {
public:
  mapper(settings_reader& from, const participant_context& context)
      : filters_(read_filters_of_others(from)),
        capturing_(capturing_filter(filters_)),
        when_(read_expression(from, "when", message_scope::names_with(capturing_))),
        message_(message_template::read(from, "{payload}", message_scope::names_with(capturing_))),
        needs_fields_(message_.reads_fields_of(message_scope::payload) ||
                      (when_ && when_->reads_fields_of(message_scope::payload))),
        has_quality_(from.has("qos")),
        rewrites_(from.has("payload") || from.has("fields")),
        calendar_(context.calendar),
        name_(context.name) {}

  std::vector<subscribe_options> subscriptions() const override { return filters_; }

  void on_message(const incoming_message& message, time_point now,
                  participant_effects& effects) override {
    message_scope known{message, capturing_, needs_fields_};
    auto time = iso_time(calendar_.at(now));
    auto scope = known.with(published_ + 1, time, name_);
    if (when_ && !is_true(when_->evaluate(scope)))
      return;
    auto result = message_.make(scope);
    if (!result) {
      if (!std::exchange(told_, true))
        effects.lines.push_back(name_ + ": a message to " + std::string{message.topic} +
                                " lacks what the rule needs; such ones are left out");
      return;
    }
    if (!has_quality_)
      result->qos = message.qos;
    keep_properties(message.properties, result->properties);
    ++published_;
    effects.publishes.push_back(std::move(*result));
  }

private:
  /// What the rule does not say anew stays, but what described a payload that is another one now.
  void keep_properties(protocol::properties_view given, protocol::property_list& into) const {
    auto said = into;
    for (const auto& each : given) {
      auto is_of_payload =
          each.id == property_id::content_type || each.id == property_id::payload_format_indicator;
      auto is_of_connection =
          each.id == property_id::topic_alias || each.id == property_id::subscription_identifier;
      auto is_said = each.id != property_id::user_property && has(said, each.id);
      if (!is_of_connection && !is_said && !(is_of_payload && rewrites_))
        into.add(each);
    }
  }

  static bool has(protocol::properties_view in, property_id id) {
    for (const auto& each : in)
      if (each.id == id)
        return true;
    return false;
  }

  std::vector<subscribe_options> filters_;
  std::string capturing_;
  std::optional<expression> when_; ///< nothing: always
  message_template message_;
  bool needs_fields_;
  bool has_quality_; ///< otherwise that of the message
  bool rewrites_;    ///< the payload
  wall_clock calendar_;
  std::string name_;
  std::uint64_t published_ = 0;
  bool told_ = false; ///< that messages lack something
};

} // namespace

std::unique_ptr<participant> read_map(settings_reader& from, const participant_context& context) {
  return std::make_unique<mapper>(from, context);
}

// A filter is a map that changes no more than the topic.
std::unique_ptr<participant> read_filter(settings_reader& from,
                                         const participant_context& context) {
  if (!from.has("when"))
    from.wrong("\"when\" is missing: the condition");
  return read_map(from, context);
}

} // namespace actorbus::demos
