#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "expression/expression_value.hpp"

namespace actorbus::demos {

/// One row of the table of functions that expressions may call.
struct expression_function {
  using code = expression_value(std::span<const expression_value> arguments);

  std::string_view name;
  std::size_t arguments_min;
  std::size_t arguments_max;
  code* run; ///< gets as many as it may
};

inline constexpr std::size_t expression_arguments_max = 8;

std::span<const expression_function> expression_functions() noexcept;

/// Arithmetic on two numbers, or nothing. Whole numbers stay whole as long as the result fits.
expression_value add(const expression_value& left, const expression_value& right) noexcept;
expression_value subtract(const expression_value& left, const expression_value& right) noexcept;
expression_value multiply(const expression_value& left, const expression_value& right) noexcept;
expression_value divide(const expression_value& left, const expression_value& right) noexcept;
expression_value modulo(const expression_value& left, const expression_value& right) noexcept;

} // namespace actorbus::demos
