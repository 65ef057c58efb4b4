#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json_fwd.hpp>

namespace actorbus::demos {

/// What an expression works with: nothing, a truth value, a number, a text, an array or object of
/// JSON. Texts, arrays and objects are borrowed.
using expression_value = std::variant<std::monostate, bool, std::int64_t, double, std::string_view,
                                      const nlohmann::json*>;

inline bool is_nothing(const expression_value& value) noexcept {
  return std::holds_alternative<std::monostate>(value);
}

/// A number as it is, a text as the number that it is as a whole (blanks around it don't count), or
/// nothing. The result is nothing, `std::int64_t` or a finite `double`.
expression_value to_number(const expression_value& value) noexcept;

/// The same as a double. @returns `otherwise` for what is no number
double to_double(const expression_value& value, double otherwise) noexcept;

/// False are nothing, false, 0 and the empty text.
bool is_true(const expression_value& value) noexcept;

/// Whether both are the same number (a text may be one), or the same otherwise.
bool is_equal(const expression_value& left, const expression_value& right);

/// Whether `left` is before `right`: two numbers, or two texts of which one is none.
/// @returns nothing where there is no order
expression_value is_less(const expression_value& left, const expression_value& right) noexcept;

/// How many decimals a number gets: all that it has.
inline constexpr int decimals_all = -1;
/// At most six: for computed numbers, of which the last digits are noise.
inline constexpr int decimals_computed = -2;

/// Appends a value as text; arrays and objects as JSON, nothing as the empty text.
/// @param decimals of numbers, or one of the constants above
void append_text(std::string& out, const expression_value& value, int decimals = decimals_all);

/// @param decimals as with `append_text`
nlohmann::ordered_json to_json(const expression_value& value, int decimals = decimals_all);

/// @param from outlives the result
expression_value value_of(const nlohmann::json& from);

} // namespace actorbus::demos
