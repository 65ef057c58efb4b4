#include "topology/value_functions.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <variant>

#include "topology/word_setting.hpp"

namespace actorbus::demos {

namespace {

constexpr double any = 1e300;

struct bounds {
  double minimum;
  double maximum;

  static bounds read(settings_reader& from, double minimum, double maximum) {
    bounds result{from.number("min", -any, any).value_or(minimum),
                  from.number("max", -any, any).value_or(maximum)};
    if (result.minimum > result.maximum)
      from.wrong("min", "is greater than max");
    return result;
  }

  /// @param part 0 to 1
  double at(double part) const noexcept { return minimum + (maximum - minimum) * part; }
};

class constant final : public value_function {
public:
  constant() = default;
  explicit constant(settings_reader& from) {
    if (!from.has("value"))
      from.wrong("\"value\" is missing");
    value_ = from.number("value", -any, any).value_or(0);
  }

  expression_value next(double, random_source&) override { return value_; }

private:
  double value_ = 0;
};

/// Takes a random step at each use and turns back at its bounds.
class walk final : public value_function {
public:
  explicit walk(settings_reader& from)
      : now_(from.number("start", -any, any).value_or(0)),
        step_(from.number("step", 0, any).value_or(1)),
        within_(bounds::read(from, -any, any)) {}

  expression_value next(double, random_source& chance) override {
    auto wanted = now_ + step_ * chance.symmetric();
    if (wanted > within_.maximum)
      wanted = 2 * within_.maximum - wanted;
    if (wanted < within_.minimum)
      wanted = 2 * within_.minimum - wanted;
    return now_ = std::min(std::max(wanted, within_.minimum), within_.maximum);
  }

private:
  double now_;
  double step_;
  bounds within_;
};

// How high a wave is at a part of its period, both 0 to 1.
using wave_form = double(double part) noexcept;

double sine(double part) noexcept {
  return 0.5 + 0.5 * std::sin(2 * std::numbers::pi * part);
}

double sawtooth(double part) noexcept {
  return part;
}

double triangle(double part) noexcept {
  return part < 0.5 ? 2 * part : 2 - 2 * part;
}

/// Repeats itself after a time.
class wave final : public value_function {
public:
  /// @param form nullptr: a square one, at the maximum for a part of each period
  wave(settings_reader& from, wave_form* form)
      : between_(bounds::read(from, 0, 1)),
        period_s_(from.number("period_s", 1e-6, 1e9).value_or(60)),
        phase_s_(from.number("phase_s", 0, 1e9).value_or(0)),
        form_(form) {
    if (!form_)
      duty_ = from.number("duty", 0, 1).value_or(duty_);
  }

  expression_value next(double seconds, random_source&) override {
    auto turns = (seconds + phase_s_) / period_s_;
    auto part = turns - std::floor(turns);
    return between_.at(form_ ? form_(part) : part < duty_ ? 1 : 0);
  }

private:
  bounds between_;
  double period_s_;
  double phase_s_;
  double duty_ = 0.5;
  wave_form* form_;
};

/// What is listed, in turn or by chance.
class listed final : public value_function {
public:
  static constexpr std::size_t values_max = 10'000;

  listed(settings_reader& from, bool by_chance) : by_chance_(by_chance) {
    if (!from.has("values"))
      from.wrong("\"values\" is missing, a list in brackets");
    const auto* items = from.list("values");
    if (!items)
      return;
    for (const auto& item : *items) {
      if (const auto* text = std::get_if<std::string>(&item.value))
        values_.emplace_back(*text);
      else if (const auto* whole = std::get_if<std::int64_t>(&item.value))
        values_.emplace_back(*whole);
      else if (const auto* real = std::get_if<double>(&item.value))
        values_.emplace_back(*real);
    }
    if (values_.size() != items->size() || items->empty() || items->size() > values_max)
      from.wrong("values", fmt::format("must be 1 to {} numbers or texts", values_max));
  }

  expression_value next(double, random_source& chance) override {
    if (values_.empty())
      return {};
    auto size = values_.size();
    auto index = by_chance_ ? static_cast<std::size_t>(chance.even() * static_cast<double>(size))
                            : std::exchange(next_, (next_ + 1) % size);
    return std::visit([](const auto& value) { return expression_value{value}; }, values_[index]);
  }

private:
  std::vector<std::variant<std::int64_t, double, std::string>> values_;
  bool by_chance_;
  std::size_t next_ = 0;
};

/// By chance, all between two bounds alike.
class uniform final : public value_function {
public:
  explicit uniform(settings_reader& from) : between_(bounds::read(from, 0, 1)) {}

  expression_value next(double, random_source& chance) override {
    return between_.at(chance.even());
  }

private:
  bounds between_;
};

/// By chance, most of it near a mean.
class normal final : public value_function {
public:
  explicit normal(settings_reader& from)
      : mean_(from.number("mean", -any, any).value_or(0)),
        deviation_(from.number("deviation", 0, any).value_or(1)) {}

  expression_value next(double, random_source& chance) override {
    return mean_ + deviation_ * chance.normal();
  }

private:
  double mean_;
  double deviation_;
};

using maker = std::unique_ptr<value_function>(settings_reader&);

template <class T, auto... Arguments>
std::unique_ptr<value_function> make(settings_reader& from) {
  return std::make_unique<T>(from, Arguments...);
}

constexpr std::pair<std::string_view, maker*> value_kinds[] = {
    {"constant", make<constant>},       {"walk", make<walk>},
    {"sine", make<wave, sine>},         {"sawtooth", make<wave, sawtooth>},
    {"triangle", make<wave, triangle>}, {"square", make<wave, nullptr>},
    {"list", make<listed, false>},      {"choice", make<listed, true>},
    {"uniform", make<uniform>},         {"normal", make<normal>},
};

} // namespace

std::unique_ptr<value_function> read_value_function(settings_reader& from) {
  auto mistakes = from.found().size();
  auto* make_it = read_word<maker*>(from, "function", make<walk>, value_kinds);
  if (from.found().size() != mistakes)
    return no_value_function(); // its other keys can't be judged
  auto result = make_it(from);
  from.finish();
  return result;
}

std::unique_ptr<value_function> no_value_function() {
  return std::make_unique<constant>();
}

} // namespace actorbus::demos
