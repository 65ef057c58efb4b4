#include <array>

#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"
#include "topology/random_source.hpp"

namespace actorbus::demos {

namespace {

constexpr std::array<std::string_view, 4> sensor_names{"n", "value", "time", "name"};

/// A room: it loses warmth to the outside, its heater brings warmth while it is on, and now and
/// then somebody opens a window a little.
class sensor final : public participant {
public:
  sensor(settings_reader& from, const participant_context& context)
      : message_(message_template::read(from, "{value}", {sensor_names})),
        interval_(read_interval(from, 1)),
        temperature_(from.number("start", -100, 100).value_or(20)),
        outside_(from.number("outside", -100, 100).value_or(8)),
        leak_per_s_(from.number("leak", 0, 1).value_or(0.02)),
        heating_per_s_(from.number("heating", 0, 100).value_or(0.6)),
        noise_(from.number("noise", 0, 10).value_or(0.05)),
        heater_(from.text("heater").value_or("")),
        chance_(context.seed),
        calendar_(context.calendar),
        name_(context.name) {}

  std::vector<subscribe_options> subscriptions() const override {
    if (heater_.empty())
      return {};
    return {{heater_, protocol::qos::at_least_once}};
  }

  void start(time_point now, participant_effects& effects) override {
    last_ = now;
    on_alarm(now, effects);
  }

  void on_message(const incoming_message& message, time_point, participant_effects&) override {
    heating_ = message.payload == "on";
  }

  void on_alarm(time_point now, participant_effects& effects) override {
    auto seconds = std::chrono::duration<double>{now - last_}.count();
    last_ = now;
    temperature_ += (outside_ - temperature_) * leak_per_s_ * seconds;
    if (heating_)
      temperature_ += heating_per_s_ * seconds;
    temperature_ += noise_ * chance_.symmetric();
    auto time = iso_time(calendar_.at(now));
    std::array<expression_value, sensor_names.size()> values{
        static_cast<std::int64_t>(++published_), temperature_, std::string_view{time},
        std::string_view{name_}};
    if (auto message = message_.make({values}))
      effects.publishes.push_back(std::move(*message));
    effects.next_alarm = now + interval_;
  }

private:
  message_template message_;
  duration interval_;
  double temperature_;
  double outside_;
  double leak_per_s_;
  double heating_per_s_;
  double noise_;
  std::string heater_;
  random_source chance_;
  wall_clock calendar_;
  std::string name_;
  bool heating_ = false;
  std::uint64_t published_ = 0;
  time_point last_{};
};

} // namespace

std::unique_ptr<participant> read_sensor(settings_reader& from,
                                         const participant_context& context) {
  return std::make_unique<sensor>(from, context);
}

} // namespace actorbus::demos
