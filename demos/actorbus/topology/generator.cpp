#include <algorithm>
#include <array>
#include <limits>

#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"
#include "topology/publishing_rhythm.hpp"
#include "topology/value_functions.hpp"

namespace actorbus::demos {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 4> names{"n", "time", "name", "value"};

class generator final : public participant {
public:
  generator(settings_reader& from, const participant_context& context)
      : message_(read_message(from)),
        rhythm_(publishing_rhythm::read(from)),
        left_(static_cast<std::uint64_t>(
            from.integer("count", 0, std::numeric_limits<std::int64_t>::max())
                .value_or(std::numeric_limits<std::int64_t>::max()))),
        chance_(context.seed),
        calendar_(context.calendar),
        name_(context.name) {}

  void start(time_point now, participant_effects& effects) override {
    began_ = now;
    due_ = now;
    on_alarm(now, effects);
  }

  void on_alarm(time_point now, participant_effects& effects) override {
    while (due_ <= now && left_ != 0) {
      for (auto i = rhythm_.burst(); i != 0 && left_ != 0; --i, --left_)
        publish(effects);
      due_ += rhythm_.pause(due_ - began_, chance_);
      if (effects.publishes.size() >= at_once_max) { // late by much: don't try to make up for it
        due_ = std::max(due_, now);
        break;
      }
    }
    // At high rates several messages go out at a time.
    if (left_ != 0)
      effects.next_alarm = std::max<time_point>(due_, now + 5ms);
  }

private:
  static constexpr std::size_t at_once_max = 10'000;

  message_template read_message(settings_reader& from) {
    auto value = no_value_function();
    if (const auto* table = from.table("value")) {
      settings_reader reader{*table, from.where("value"), from.name() + ": value", from.found()};
      value = read_value_function(reader);
    }
    functions_.add(std::move(value));
    // `value` is the last of the names and the first of the functions.
    return message_template::read(from, {}, {names}, &functions_);
  }

  void publish(participant_effects& effects) {
    auto time = iso_time(calendar_.at(due_));
    values_.assign(
        {static_cast<std::int64_t>(++published_), std::string_view{time}, std::string_view{name_}});
    functions_.append_to(values_, std::chrono::duration<double>{due_ - began_}.count(), chance_);
    if (auto message = message_.make({values_}))
      effects.publishes.push_back(std::move(*message));
  }

  value_functions functions_;
  message_template message_;
  publishing_rhythm rhythm_;
  std::uint64_t left_;
  random_source chance_;
  wall_clock calendar_;
  std::string name_;
  std::uint64_t published_ = 0;
  std::vector<expression_value> values_; ///< here to keep its memory
  time_point began_{};
  time_point due_{};
};

} // namespace

std::unique_ptr<participant> read_generator(settings_reader& from,
                                            const participant_context& context) {
  return std::make_unique<generator>(from, context);
}

} // namespace actorbus::demos
