#include "expression/expression_value.hpp"

#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace actorbus::demos {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) noexcept {
  auto first = text.find_first_not_of(blanks);
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

template <class T>
std::optional<T> read_whole(std::string_view text) noexcept {
  T result{};
  auto end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, result);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return result;
}

expression_value number_in(std::string_view text) noexcept {
  text = trimmed(text);
  if (auto whole = read_whole<std::int64_t>(text))
    return *whole;
  if (auto real = read_whole<double>(text); real && std::isfinite(*real))
    return *real;
  return {};
}

double rounded(double value, int decimals) {
  if (decimals == decimals_all)
    return value;
  auto scale = std::pow(10.0, decimals == decimals_computed ? 6 : decimals);
  auto result = std::round(value * scale) / scale;
  return std::isfinite(result) ? result : value;
}

void append_double(std::string& out, double value, int decimals) {
  auto end = std::back_inserter(out);
  if (decimals >= 0) {
    fmt::format_to(end, "{:.{}f}", value, decimals);
    return;
  }
  value = rounded(value, decimals);
  // A number without decimals is written without a point, as JSON's own are read back.
  if (std::abs(value) < 1e15 && value == std::trunc(value))
    fmt::format_to(end, "{}", static_cast<std::int64_t>(value));
  else
    fmt::format_to(end, "{}", value);
}

std::string dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

expression_value to_number(const expression_value& value) noexcept {
  if (const auto* text = std::get_if<std::string_view>(&value))
    return number_in(*text);
  if (std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value))
    return value;
  return {};
}

double to_double(const expression_value& value, double otherwise) noexcept {
  auto number = to_number(value);
  if (const auto* whole = std::get_if<std::int64_t>(&number))
    return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&number))
    return *real;
  return otherwise;
}

bool is_true(const expression_value& value) noexcept {
  if (const auto* truth = std::get_if<bool>(&value))
    return *truth;
  if (const auto* text = std::get_if<std::string_view>(&value))
    return !text->empty();
  if (std::holds_alternative<const nlohmann::json*>(value))
    return true;
  return to_double(value, 0) != 0;
}

bool is_equal(const expression_value& left, const expression_value& right) {
  auto first = to_number(left);
  auto second = to_number(right);
  if (!is_nothing(first) && !is_nothing(second)) {
    if (first.index() == second.index())
      return first == second;
    return to_double(first, 0) == to_double(second, 0);
  }
  if (left.index() != right.index())
    return false;
  if (const auto* document = std::get_if<const nlohmann::json*>(&left))
    return **document == **std::get_if<const nlohmann::json*>(&right);
  return left == right;
}

expression_value is_less(const expression_value& left, const expression_value& right) noexcept {
  auto first = to_number(left);
  auto second = to_number(right);
  if (!is_nothing(first) && !is_nothing(second)) {
    if (std::holds_alternative<std::int64_t>(first) && first.index() == second.index())
      return std::get<std::int64_t>(first) < std::get<std::int64_t>(second);
    return to_double(first, 0) < to_double(second, 0);
  }
  const auto* text = std::get_if<std::string_view>(&left);
  const auto* other = std::get_if<std::string_view>(&right);
  if (text && other)
    return *text < *other;
  return {};
}

void append_text(std::string& out, const expression_value& value, int decimals) {
  if (const auto* truth = std::get_if<bool>(&value))
    out += *truth ? "true" : "false";
  else if (const auto* whole = std::get_if<std::int64_t>(&value); whole && decimals <= 0)
    fmt::format_to(std::back_inserter(out), "{}", *whole);
  else if (whole)
    append_double(out, static_cast<double>(*whole), decimals);
  else if (const auto* real = std::get_if<double>(&value))
    append_double(out, *real, decimals);
  else if (const auto* text = std::get_if<std::string_view>(&value))
    out += *text;
  else if (const auto* document = std::get_if<const nlohmann::json*>(&value))
    out += dump(**document);
}

nlohmann::ordered_json to_json(const expression_value& value, int decimals) {
  if (const auto* truth = std::get_if<bool>(&value))
    return *truth;
  if (const auto* whole = std::get_if<std::int64_t>(&value))
    return *whole;
  if (const auto* real = std::get_if<double>(&value))
    return rounded(*real, decimals);
  if (const auto* text = std::get_if<std::string_view>(&value))
    return std::string{*text};
  if (const auto* document = std::get_if<const nlohmann::json*>(&value))
    return **document;
  return nullptr;
}

expression_value value_of(const nlohmann::json& from) {
  switch (from.type()) {
  case nlohmann::json::value_t::boolean: return from.get<bool>();
  case nlohmann::json::value_t::number_integer: return from.get<std::int64_t>();
  case nlohmann::json::value_t::number_unsigned:
    if (auto number = from.get<std::uint64_t>();
        number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return static_cast<std::int64_t>(number);
    return from.get<double>();
  case nlohmann::json::value_t::number_float: return from.get<double>();
  case nlohmann::json::value_t::string:
    return std::string_view{*from.get_ptr<const std::string*>()};
  case nlohmann::json::value_t::object:
  case nlohmann::json::value_t::array: return &from;
  default: return {}; // null; bytes of MessagePack, which no text can show
  }
}

} // namespace actorbus::demos
