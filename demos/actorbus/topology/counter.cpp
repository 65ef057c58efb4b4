#include <array>

#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"

namespace actorbus::demos {

namespace {

constexpr std::array<std::string_view, 5> counter_names{"n", "time", "name", "count", "rate"};

/// Counts messages and says how many there were.
class counter final : public participant {
public:
  counter(settings_reader& from, const participant_context& context)
      : filters_(read_filters_of_others(from)),
        report_(message_template::read(from, "{count}", {counter_names})),
        interval_(read_interval(from, 1)),
        calendar_(context.calendar),
        name_(context.name) {}

  std::vector<subscribe_options> subscriptions() const override { return filters_; }

  void start(time_point now, participant_effects& effects) override {
    last_ = now;
    effects.next_alarm = now + interval_;
  }

  void on_message(const incoming_message&, time_point, participant_effects&) override { ++count_; }

  void on_alarm(time_point now, participant_effects& effects) override {
    auto seconds = std::chrono::duration<double>{now - last_}.count();
    auto time = iso_time(calendar_.at(now));
    std::array<expression_value, counter_names.size()> values{
        static_cast<std::int64_t>(++reports_), std::string_view{time}, std::string_view{name_},
        static_cast<std::int64_t>(count_), static_cast<double>(count_ - reported_) / seconds};
    if (auto message = report_.make({values}))
      effects.publishes.push_back(std::move(*message));
    reported_ = count_;
    last_ = now;
    effects.next_alarm = now + interval_;
  }

private:
  std::vector<subscribe_options> filters_;
  message_template report_;
  duration interval_;
  wall_clock calendar_;
  std::string name_;
  std::uint64_t count_ = 0;
  std::uint64_t reported_ = 0;
  std::uint64_t reports_ = 0;
  time_point last_{};
};

} // namespace

std::unique_ptr<participant> read_counter(settings_reader& from,
                                          const participant_context& context) {
  return std::make_unique<counter>(from, context);
}

} // namespace actorbus::demos
