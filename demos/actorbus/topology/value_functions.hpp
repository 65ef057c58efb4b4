#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "expression/expression_value.hpp"
#include "topology/random_source.hpp"
#include "topology/settings_reader.hpp"

namespace actorbus::demos {

/// A value that is another one for each message.
class value_function {
public:
  virtual ~value_function() = default;

  /// @param seconds since the participant has begun
  /// @returns valid until the next call
  virtual expression_value next(double seconds, random_source& chance) = 0;
};

/// Reads a table; without the key `function` it is a walk. Finishes the reader.
/// @returns always one
std::unique_ptr<value_function> read_value_function(settings_reader& from);

/// Always 0.
std::unique_ptr<value_function> no_value_function();

/// The value functions of one participant: the key `value`, and those among its fields.
class value_functions {
public:
  /// @returns which one it is
  std::size_t add(std::unique_ptr<value_function> what) {
    functions_.push_back(std::move(what));
    return functions_.size() - 1;
  }

  /// Appends the next value of each.
  void append_to(std::vector<expression_value>& values, double seconds, random_source& chance) {
    for (auto& each : functions_)
      values.push_back(each->next(seconds, chance));
  }

private:
  std::vector<std::unique_ptr<value_function>> functions_;
};

} // namespace actorbus::demos
