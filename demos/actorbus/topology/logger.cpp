#include "printable_text.hpp"
#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"

namespace actorbus::demos {

namespace {

/// Prints every message on a line of its own.
class logger final : public participant {
public:
  logger(settings_reader& from, const participant_context& context)
      : filters_(read_filters(from)), calendar_(context.calendar), name_(context.name) {}

  std::vector<subscribe_options> subscriptions() const override { return filters_; }

  void on_message(const incoming_message& message, time_point now,
                  participant_effects& effects) override {
    effects.lines.push_back(iso_time(calendar_.at(now)) + ' ' + name_ + ": " +
                            printable_text(message.topic, 200) + ' ' +
                            printable_text(message.payload, 200));
  }

private:
  std::vector<subscribe_options> filters_;
  wall_clock calendar_;
  std::string name_;
};

} // namespace

std::unique_ptr<participant> read_logger(settings_reader& from,
                                         const participant_context& context) {
  return std::make_unique<logger>(from, context);
}

} // namespace actorbus::demos
