#include <array>

#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"

namespace actorbus::demos {

namespace {

constexpr std::array placeholders{placeholder::n, placeholder::time, placeholder::name,
                                  placeholder::topic, placeholder::payload};

/// Answers every message under another topic. Its subscription is No Local, so it doesn't answer
/// itself; two echoes that hear each other talk for ever.
class echo final : public participant {
public:
  echo(settings_reader& from, const participant_context& context)
      : filters_(read_filters(from)),
        answer_(message_template::read(from, "{payload}", placeholders,
                                       filters_.size() == 1 ? filters_.front().filter : "")),
        calendar_(context.calendar),
        name_(context.name) {
    for (auto& each : filters_)
      each.no_local = true;
  }

  std::vector<subscribe_options> subscriptions() const override { return filters_; }

  void on_message(const incoming_message& message, time_point now,
                  participant_effects& effects) override {
    auto time = iso_time(calendar_.at(now));
    auto found = captures(filters_.front().filter, message.topic);
    effects.publishes.push_back(answer_.make({.n = ++answered_,
                                              .time = time,
                                              .name = name_,
                                              .topic = message.topic,
                                              .payload = message.payload,
                                              .captures = found}));
  }

private:
  std::vector<subscribe_options> filters_;
  message_template answer_;
  wall_clock calendar_;
  std::string name_;
  std::uint64_t answered_ = 0;
};

} // namespace

std::unique_ptr<participant> read_echo(settings_reader& from, const participant_context& context) {
  return std::make_unique<echo>(from, context);
}

} // namespace actorbus::demos
