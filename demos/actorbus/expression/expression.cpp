#include "expression/expression.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "expression/expression_functions.hpp"

namespace actorbus::demos {

expression expression::capture(std::size_t index) {
  expression result;
  result.nodes_.push_back({operation::capture, static_cast<std::uint32_t>(index)});
  return result;
}

expression_value expression::evaluate(const expression_scope& scope) const {
  return nodes_.empty() ? expression_value{} : evaluate(nodes_.back(), scope);
}

bool expression::reads_fields_of(std::size_t name) const noexcept {
  return std::any_of(nodes_.begin(), nodes_.end(), [name](const node& each) {
    return each.what == operation::field && each.index == name;
  });
}

bool expression::is_plain() const noexcept {
  if (nodes_.size() != 1)
    return false;
  auto what = nodes_.back().what;
  return what == operation::name || what == operation::field || what == operation::capture;
}

bool expression::is_name(std::size_t name) const noexcept {
  return nodes_.size() == 1 && nodes_.back().what == operation::name && nodes_.back().index == name;
}

expression_value expression::operand(const node& of, std::uint32_t number,
                                     const expression_scope& scope) const {
  return evaluate(nodes_[operands_[of.first + number]], scope);
}

expression_value expression::evaluate(const node& at, const expression_scope& scope) const {
  auto left = [&] { return operand(at, 0, scope); };
  auto right = [&] { return operand(at, 1, scope); };
  // What has no order is neither before nor behind.
  auto reversed = [](const expression_value& truth) {
    return is_nothing(truth) ? truth : expression_value{!is_true(truth)};
  };
  switch (at.what) {
  case operation::constant: return at.constant;
  case operation::text: return std::string_view{text_}.substr(at.index, at.count);
  case operation::name:
    return at.index < scope.values.size() ? scope.values[at.index] : expression_value{};
  case operation::field: return field(at, scope);
  case operation::capture:
    return at.index < scope.captures.size() ? expression_value{scope.captures[at.index]}
                                            : expression_value{};
  case operation::call: return call(at, scope);
  case operation::negate: return subtract(std::int64_t{0}, left());
  case operation::multiply: return multiply(left(), right());
  case operation::divide: return divide(left(), right());
  case operation::modulo: return modulo(left(), right());
  case operation::add: return add(left(), right());
  case operation::subtract: return subtract(left(), right());
  case operation::equal: return is_equal(left(), right());
  case operation::not_equal: return !is_equal(left(), right());
  case operation::less: return is_less(left(), right());
  case operation::less_equal: return reversed(is_less(right(), left()));
  case operation::greater: return is_less(right(), left());
  case operation::greater_equal: return reversed(is_less(left(), right()));
  case operation::negation: return !is_true(left());
  case operation::conjunction: return is_true(left()) && is_true(right());
  case operation::disjunction: return is_true(left()) || is_true(right());
  }
  return {};
}

expression_value expression::field(const node& at, const expression_scope& scope) const {
  const auto* place = at.index < scope.documents.size() ? scope.documents[at.index] : nullptr;
  for (std::uint32_t i = 0; i < at.count && place; ++i) {
    const auto& next = steps_[at.first + i];
    if (next.is_index) {
      place = place->is_array() && next.index < place->size() ? &(*place)[next.index] : nullptr;
    } else {
      auto found = place->is_object() ? place->find(next.key) : place->end();
      place = place->is_object() && found != place->end() ? &*found : nullptr;
    }
  }
  return place ? value_of(*place) : expression_value{};
}

expression_value expression::call(const node& at, const expression_scope& scope) const {
  std::array<expression_value, expression_arguments_max> arguments;
  for (std::uint32_t i = 0; i < at.count; ++i)
    arguments[i] = operand(at, i, scope);
  return expression_functions()[at.index].run({arguments.data(), at.count});
}

} // namespace actorbus::demos
