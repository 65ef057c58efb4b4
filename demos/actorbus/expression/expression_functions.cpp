#include "expression/expression_functions.hpp"

#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

namespace actorbus::demos {

namespace {

using arguments = std::span<const expression_value>;

expression_value finite(double value) noexcept {
  return std::isfinite(value) ? expression_value{value} : expression_value{};
}

// A whole number where that is exact.
expression_value whole(double value) noexcept {
  if (std::abs(value) < 0x1p63)
    return static_cast<std::int64_t>(value);
  return finite(value);
}

template <class Whole, class Real>
expression_value arithmetic(const expression_value& left, const expression_value& right,
                            Whole on_whole, Real on_real) noexcept {
  auto first = to_number(left);
  auto second = to_number(right);
  if (is_nothing(first) || is_nothing(second))
    return {};
  const auto* a = std::get_if<std::int64_t>(&first);
  const auto* b = std::get_if<std::int64_t>(&second);
  std::int64_t result = 0;
  if (a && b && on_whole(*a, *b, &result))
    return result;
  return finite(on_real(to_double(first, 0), to_double(second, 0)));
}

template <class Real>
expression_value of_number(const expression_value& value, Real real) noexcept {
  auto number = to_number(value);
  return is_nothing(number) ? number : real(to_double(number, 0));
}

expression_value absolute(arguments of) noexcept {
  if (is_true(is_less(of[0], std::int64_t{0})))
    return subtract(std::int64_t{0}, of[0]);
  return to_number(of[0]);
}

expression_value round_to(arguments of) noexcept {
  if (of.size() == 1)
    return of_number(of[0], [](double value) { return whole(std::round(value)); });
  auto decimals = to_double(of[1], -1);
  if (decimals < 0 || decimals > 15)
    return {};
  auto scale = std::pow(10.0, std::trunc(decimals));
  return of_number(of[0],
                   [scale](double value) { return finite(std::round(value * scale) / scale); });
}

template <bool Least>
expression_value extreme(arguments of) noexcept {
  auto best = to_number(of[0]);
  for (const auto& each : of.subspan(1)) {
    auto number = to_number(each);
    if (is_nothing(best) || is_nothing(number))
      return {};
    if (is_true(Least ? is_less(number, best) : is_less(best, number)))
      best = number;
  }
  return best;
}

expression_value length(arguments of) noexcept {
  if (const auto* text = std::get_if<std::string_view>(&of[0]))
    return static_cast<std::int64_t>(text->size());
  if (const auto* document = std::get_if<const nlohmann::json*>(&of[0]))
    return static_cast<std::int64_t>((*document)->size());
  return {};
}

template <class Test>
expression_value of_texts(arguments of, Test test) noexcept {
  const auto* text = std::get_if<std::string_view>(&of[0]);
  const auto* part = std::get_if<std::string_view>(&of[1]);
  return text && part ? expression_value{test(*text, *part)} : expression_value{};
}

constexpr std::array table{
    // clang-format off
    expression_function{"abs", 1, 1, absolute},
    expression_function{"ceil", 1, 1, [](arguments of) {
      return of_number(of[0], [](double value) { return whole(std::ceil(value)); }); }},
    expression_function{"contains", 2, 2, [](arguments of) {
      return of_texts(of, [](auto text, auto part) { return text.find(part) != text.npos; }); }},
    expression_function{"default", 2, 2, [](arguments of) {
      return is_nothing(of[0]) ? of[1] : of[0]; }},
    expression_function{"floor", 1, 1, [](arguments of) {
      return of_number(of[0], [](double value) { return whole(std::floor(value)); }); }},
    expression_function{"if", 3, 3, [](arguments of) {
      return is_true(of[0]) ? of[1] : of[2]; }},
    expression_function{"length", 1, 1, length},
    expression_function{"max", 2, expression_arguments_max, extreme<false>},
    expression_function{"min", 2, expression_arguments_max, extreme<true>},
    expression_function{"number", 1, 1, [](arguments of) { return to_number(of[0]); }},
    expression_function{"round", 1, 2, round_to},
    expression_function{"sqrt", 1, 1, [](arguments of) {
      return of_number(of[0], [](double value) { return finite(std::sqrt(value)); }); }},
    expression_function{"starts_with", 2, 2, [](arguments of) {
      return of_texts(of, [](auto text, auto part) { return text.starts_with(part); }); }},
    // clang-format on
};

} // namespace

std::span<const expression_function> expression_functions() noexcept {
  return table;
}

expression_value add(const expression_value& left, const expression_value& right) noexcept {
  return arithmetic(
      left, right, [](auto a, auto b, auto* out) { return !__builtin_add_overflow(a, b, out); },
      [](double a, double b) { return a + b; });
}

expression_value subtract(const expression_value& left, const expression_value& right) noexcept {
  return arithmetic(
      left, right, [](auto a, auto b, auto* out) { return !__builtin_sub_overflow(a, b, out); },
      [](double a, double b) { return a - b; });
}

expression_value multiply(const expression_value& left, const expression_value& right) noexcept {
  return arithmetic(
      left, right, [](auto a, auto b, auto* out) { return !__builtin_mul_overflow(a, b, out); },
      [](double a, double b) { return a * b; });
}

expression_value divide(const expression_value& left, const expression_value& right) noexcept {
  return arithmetic(
      left, right, [](auto, auto, auto*) { return false; },
      [](double a, double b) { return a / b; });
}

expression_value modulo(const expression_value& left, const expression_value& right) noexcept {
  auto on_whole = [](std::int64_t a, std::int64_t b, std::int64_t* out) {
    if (b == 0 || b == -1) // the one has no result, the other's may not fit on the way
      return false;
    *out = a % b;
    return true;
  };
  return arithmetic(left, right, on_whole, [](double a, double b) { return std::fmod(a, b); });
}

} // namespace actorbus::demos
