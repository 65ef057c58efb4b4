#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/protocol/expected.hpp>

#include "expression/expression_value.hpp"

namespace actorbus::demos {

/// What an expression's text is looked up in.
struct expression_names {
  std::span<const std::string_view> names{};
  std::size_t captures = 0; ///< there are `{1}`, `{2}`, … so many
};

/// What an expression is evaluated with. Everything is borrowed, and what comes out may be, too.
struct expression_scope {
  std::span<const expression_value> values{}; ///< of the names, in their order
  /// Of the same names, where `NAME.FIELD` looks; nullptr, or a list that ends before: no fields.
  std::span<const nlohmann::json* const> documents{};
  std::span<const std::string_view> captures{};
};

/// What is wrong with an expression's text.
struct expression_fault {
  std::size_t position = 0; ///< in bytes, counts from 0
  std::string text;
};

/// A rule in the small language of topology files: `payload.temp * 1.8 + 32 > 70 and {1} != "attic"`.
///
/// Numbers, texts in either kind of quotes, `true`, `false`, `null`; names, and fields of those that
/// are documents (`payload.a.b`, `payload.list[0]`, `payload["odd name"]`); captures `{1}`; functions;
/// `* / %`, `+ -`, `== != < <= > >=`, `not`, `and`, `or`, parentheses.
///
/// Evaluation can't fail. What has no value is nothing (`null`): a field that is missing, arithmetic
/// with what is no number, a division by zero. Nothing is false, and equal to nothing else.
class expression {
public:
  static constexpr std::size_t length_max = 1000; ///< bytes
  static constexpr std::size_t depth_max = 32;    ///< of parentheses and the like inside each other

  /// `null`.
  expression() = default;

  static protocol::expected<expression, expression_fault> parse(std::string_view text,
                                                                const expression_names& names);

  /// Reads one from the front of `text`.
  /// @param length gets how many bytes it is long
  static protocol::expected<expression, expression_fault>
  parse_front(std::string_view text, const expression_names& names, std::size_t& length);

  /// `{1}`, `{2}`, …: counts from 0.
  static expression capture(std::size_t index);

  /// @returns what lives as long as the scope and this
  expression_value evaluate(const expression_scope& scope) const;

  /// Whether it needs the document of the name.
  bool reads_fields_of(std::size_t name) const noexcept;

  /// Whether it is nothing but a name, a field or a capture: its value is somebody else's.
  bool is_plain() const noexcept;

  /// Whether it is the bare name.
  bool is_name(std::size_t name) const noexcept;

private:
  friend class expression_parser;

  enum class operation : std::uint8_t {
    constant,
    text,    ///< `text_`, from `index` on, `count` bytes
    name,    ///< `index`
    field,   ///< of the name `index`, along `count` steps from `first` on
    capture, ///< `index`
    call,    ///< of the function `index`
    negate,
    multiply,
    divide,
    modulo,
    add,
    subtract,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    negation,
    conjunction,
    disjunction,
  };

  struct node {
    operation what{};
    std::uint32_t index = 0;
    std::uint32_t first = 0; ///< of the operands
    std::uint32_t count = 0;
    expression_value constant{};
  };

  struct step {
    std::string key;
    std::size_t index = 0;
    bool is_index = false;
  };

  expression_value evaluate(const node& at, const expression_scope& scope) const;
  expression_value operand(const node& of, std::uint32_t number,
                           const expression_scope& scope) const;
  expression_value field(const node& at, const expression_scope& scope) const;
  expression_value call(const node& at, const expression_scope& scope) const;

  std::string text_;                    ///< the literals' bytes
  std::vector<node> nodes_;             ///< the root comes last
  std::vector<std::uint32_t> operands_; ///< indices of nodes
  std::vector<step> steps_;
};

} // namespace actorbus::demos
