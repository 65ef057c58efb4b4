#include <map>

#include <actorbus/actors/requester.hpp>

#include "topology/message_scope.hpp"
#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"
#include "topology/random_source.hpp"

namespace actorbus::demos {

namespace {

using protocol::property_id;

/// Answers requests where they want it, with their correlation data, after a while.
class responder final : public participant {
public:
  responder(settings_reader& from, const participant_context& context)
      : filters_(read_filters_of_others(from)),
        capturing_(capturing_filter(filters_)),
        payload_(payload_template::read(from, "{payload}", message_scope::names_with(capturing_))),
        properties_(read_properties(from, payload_.content_type(), payload_.is_json())),
        refuse_(read_expression(from, "refuse", message_scope::names_with(capturing_))),
        needs_fields_(payload_.reads_fields_of(message_scope::payload) ||
                      (refuse_ && refuse_->reads_fields_of(message_scope::payload))),
        delay_(from.range("delay_s", 0, 1e6).value_or(number_range{})),
        pending_max_(static_cast<std::size_t>(
            from.integer("pending_max", 1, 1'000'000).value_or(pending_max_default))),
        chance_(context.seed),
        calendar_(context.calendar),
        name_(context.name) {
    if (from.has("qos"))
      quality_ = read_qos(from, "qos");
  }

  std::vector<subscribe_options> subscriptions() const override { return filters_; }

  void on_message(const incoming_message& message, time_point now,
                  participant_effects& effects) override {
    auto where = message.properties.text(property_id::response_topic);
    if (!where) {
      if (!std::exchange(told_, true))
        effects.lines.push_back(name_ + ": a message to " + std::string{message.topic} +
                                " has no response topic; such ones are not answered");
      return;
    }
    auto answer = answer_to(message, now);
    answer.topic = *where;
    answer.qos = quality_.value_or(message.qos);
    if (auto data = message.properties.text(property_id::correlation_data))
      answer.properties.add(property_id::correlation_data, *data);
    auto due = now + std::chrono::duration_cast<duration>(
                         std::chrono::duration<double>{delay_.draw(chance_)});
    pending_.emplace(due, std::move(answer));
    on_alarm(now, effects);
  }

  void on_alarm(time_point now, participant_effects& effects) override {
    while (!pending_.empty() && pending_.begin()->first <= now) {
      effects.publishes.push_back(std::move(pending_.begin()->second));
      pending_.erase(pending_.begin());
    }
    if (!pending_.empty())
      effects.next_alarm = pending_.begin()->first;
  }

private:
  static constexpr std::int64_t pending_max_default = 10'000;

  static outgoing_message refusal(std::string_view why) {
    outgoing_message result;
    result.properties.add_user(refusal_property, why);
    return result;
  }

  outgoing_message answer_to(const incoming_message& message, time_point now) {
    if (pending_.size() >= pending_max_)
      return refusal("busy");
    message_scope known{message, capturing_, needs_fields_};
    auto time = iso_time(calendar_.at(now));
    auto scope = known.with(answered_ + 1, time, name_);
    if (refuse_ && is_true(refuse_->evaluate(scope)))
      return refusal("refused");
    outgoing_message result;
    result.properties = properties_;
    if (!payload_.append_to(result.payload, scope))
      return refusal("the request lacks what the answer needs");
    ++answered_;
    return result;
  }

  std::vector<subscribe_options> filters_;
  std::string capturing_;
  payload_template payload_;
  protocol::property_list properties_;
  std::optional<expression> refuse_;
  bool needs_fields_;
  number_range delay_;
  std::size_t pending_max_;
  std::optional<protocol::qos> quality_; ///< nothing: that of the request
  random_source chance_;
  wall_clock calendar_;
  std::string name_;
  std::multimap<time_point, outgoing_message> pending_; ///< by when they are due
  std::uint64_t answered_ = 0;
  bool told_ = false; ///< that there are messages that are no requests
};

} // namespace

std::unique_ptr<participant> read_responder(settings_reader& from,
                                            const participant_context& context) {
  return std::make_unique<responder>(from, context);
}

} // namespace actorbus::demos
