#include <algorithm>
#include <array>
#include <limits>

#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"
#include "topology/random_source.hpp"

namespace actorbus::demos {

namespace {

using namespace std::chrono_literals;

constexpr std::array placeholders{placeholder::n, placeholder::value, placeholder::time,
                                  placeholder::name};

/// A number that takes a random step at each use and turns back at its bounds.
struct drifting_value {
  double now = 0;
  double step = 0;
  double minimum = -1e300;
  double maximum = 1e300;

  static drifting_value read(settings_reader& from) {
    drifting_value result;
    const auto* table = from.table("value");
    if (!table)
      return result;
    settings_reader value{*table, from.where("value"), "value", from.found()};
    result.now = value.number("start", -1e300, 1e300).value_or(0);
    result.step = value.number("step", 0, 1e300).value_or(1);
    result.minimum = value.number("min", -1e300, 1e300).value_or(result.minimum);
    result.maximum = value.number("max", -1e300, 1e300).value_or(result.maximum);
    value.finish();
    if (result.minimum > result.maximum)
      value.wrong("min", "is greater than max");
    return result;
  }

  double next(random_source& chance) {
    auto wanted = now + step * chance.symmetric();
    if (wanted > maximum)
      wanted = 2 * maximum - wanted;
    if (wanted < minimum)
      wanted = 2 * minimum - wanted;
    return now = std::min(std::max(wanted, minimum), maximum);
  }
};

class generator final : public participant {
public:
  generator(settings_reader& from, const participant_context& context)
      : message_(message_template::read(from, {}, placeholders)),
        interval_(read_interval(from, 1)),
        left_(static_cast<std::uint64_t>(
            from.integer("count", 0, std::numeric_limits<std::int64_t>::max())
                .value_or(std::numeric_limits<std::int64_t>::max()))),
        value_(drifting_value::read(from)),
        chance_(context.seed),
        calendar_(context.calendar),
        name_(context.name) {}

  void start(time_point now, participant_effects& effects) override {
    due_ = now;
    on_alarm(now, effects);
  }

  void on_alarm(time_point now, participant_effects& effects) override {
    for (; due_ <= now && left_ != 0; due_ += interval_, --left_) {
      auto time = iso_time(calendar_.at(due_));
      effects.publishes.push_back(message_.make(
          {.n = ++published_, .value = value_.next(chance_), .time = time, .name = name_}));
      if (effects.publishes.size() == at_once_max) { // late by much: don't try to make up for it
        due_ = now;
        break;
      }
    }
    // At high rates several messages go out at a time.
    if (left_ != 0)
      effects.next_alarm = std::max<time_point>(due_, now + 5ms);
  }

private:
  static constexpr std::size_t at_once_max = 10'000;

  message_template message_;
  duration interval_;
  std::uint64_t left_;
  drifting_value value_;
  random_source chance_;
  wall_clock calendar_;
  std::string name_;
  std::uint64_t published_ = 0;
  time_point due_{};
};

} // namespace

std::unique_ptr<participant> read_generator(settings_reader& from,
                                            const participant_context& context) {
  return std::make_unique<generator>(from, context);
}

} // namespace actorbus::demos
