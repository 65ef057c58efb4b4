#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include <actorbus/actors/options.hpp>

namespace actorbus::demos {

/// One limit by the name that files and `--set` use.
struct limit_rule {
  using member =
      std::variant<std::size_t limits::*, std::uint32_t limits::*, std::uint16_t limits::*>;

  std::string_view name;
  member where;
  std::int64_t minimum = 0;
  bool of_whole_bus = false; ///< a listener can't have its own
};

/// All of them, in the order of actors/options.hpp.
std::span<const limit_rule> limit_rules() noexcept;

/// Sets the limit `name`.
/// @returns nothing, or what is wrong: an unknown name, a value out of range
std::string set_limit(limits& into, std::string_view name, std::int64_t value);

/// The value of the limit of this rule.
std::uint64_t limit_value(const limits& of, const limit_rule& rule);

} // namespace actorbus::demos
