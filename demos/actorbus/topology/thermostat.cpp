#include <array>
#include <charconv>
#include <map>

#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"

namespace actorbus::demos {

namespace {

constexpr std::array<std::string_view, 2> thermostat_names{"topic", "name"};

/// Two-point control of any number of rooms: tells a heater "on" below the target and "off" above
/// it, and nothing while nothing changes.
class thermostat final : public participant {
public:
  thermostat(settings_reader& from, const participant_context& context)
      : filters_(read_filters(from)),
        command_(command(from)),
        target_(from.number("target", -100, 100).value_or(21)),
        band_(from.number("band", 0, 50).value_or(0.5)),
        name_(context.name) {}

  std::vector<subscribe_options> subscriptions() const override { return filters_; }

  void on_message(const incoming_message& message, time_point,
                  participant_effects& effects) override {
    double temperature = 0;
    auto end = message.payload.data() + message.payload.size();
    if (auto [stop, error] = std::from_chars(message.payload.data(), end, temperature);
        error != std::errc{} || stop != end)
      return;
    auto [known, is_new] = heats_.try_emplace(std::string{message.topic}, false);
    auto wanted =
        known->second ? temperature < target_ + band_ / 2 : temperature < target_ - band_ / 2;
    if (wanted == known->second && !is_new)
      return;
    known->second = wanted;
    auto found = captures(filters_.front().filter, message.topic);
    std::array<expression_value, thermostat_names.size()> values{message.topic,
                                                                 std::string_view{name_}};
    auto order = command_.make({.values = values, .captures = found});
    if (!order)
      return;
    order->payload = wanted ? "on" : "off";
    effects.publishes.push_back(std::move(*order));
  }

private:
  // `payload` is not the file's to choose.
  message_template command(settings_reader& from) {
    if (filters_.size() > 1)
      from.wrong("filter", "a thermostat has one");
    for (auto key : {"payload", "fields", "payload_size"})
      if (from.has(key))
        from.wrong(key, "a thermostat says on and off");
    auto wildcards = filters_.empty() ? 0 : wildcards_in(filters_.front().filter);
    return message_template::read(from, "on", {thermostat_names, wildcards});
  }

  std::vector<subscribe_options> filters_;
  message_template command_;
  double target_;
  double band_;
  std::string name_;
  std::map<std::string, bool> heats_; ///< by the thermometer's topic
};

} // namespace

std::unique_ptr<participant> read_thermostat(settings_reader& from,
                                             const participant_context& context) {
  return std::make_unique<thermostat>(from, context);
}

} // namespace actorbus::demos
