#include "topology/message_scope.hpp"
#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"

namespace actorbus::demos {

namespace {

/// Answers every message under another topic. Its subscription is No Local, so it doesn't answer
/// itself; two echoes that hear each other talk for ever.
class echo final : public participant {
public:
  echo(settings_reader& from, const participant_context& context)
      : filters_(read_filters_of_others(from)),
        capturing_(capturing_filter(filters_)),
        answer_(message_template::read(from, "{payload}", message_scope::names_with(capturing_))),
        needs_fields_(answer_.reads_fields_of(message_scope::payload)),
        calendar_(context.calendar),
        name_(context.name) {}

  std::vector<subscribe_options> subscriptions() const override { return filters_; }

  void on_message(const incoming_message& message, time_point now,
                  participant_effects& effects) override {
    message_scope scope{message, capturing_, needs_fields_};
    auto time = iso_time(calendar_.at(now));
    if (auto answer = answer_.make(scope.with(answered_ + 1, time, name_))) {
      ++answered_;
      effects.publishes.push_back(std::move(*answer));
    }
  }

private:
  std::vector<subscribe_options> filters_;
  std::string capturing_; ///< the filter with the captures: there are none if there are several
  message_template answer_;
  bool needs_fields_;
  wall_clock calendar_;
  std::string name_;
  std::uint64_t answered_ = 0;
};

} // namespace

std::unique_ptr<participant> read_echo(settings_reader& from, const participant_context& context) {
  return std::make_unique<echo>(from, context);
}

} // namespace actorbus::demos
