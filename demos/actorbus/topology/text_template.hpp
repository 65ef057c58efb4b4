#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <actorbus/protocol/expected.hpp>

#include "expression/expression.hpp"

namespace actorbus::demos {

/// A text with expressions in braces, for topics and payloads; `{{` and `}}` stand for a brace.
/// `{value:2}` is a number with two decimals.
class text_template {
public:
  static constexpr std::size_t length_max = 64 * 1024; ///< bytes

  text_template() = default;

  /// @returns the template, or what is wrong with `text`
  static protocol::expected<text_template, std::string> parse(std::string_view text,
                                                              const expression_names& names);

  /// @returns false if an expression has no value; some of the text may have been appended then
  [[nodiscard]] bool append_to(std::string& out, const expression_scope& scope) const;

  /// What stands alone keeps its type: `"{n}"` is a number, `"no. {n}"` a text.
  /// @returns nothing if an expression has no value
  std::optional<nlohmann::ordered_json> value(const expression_scope& scope) const;

  /// Whether the result is always the same.
  bool is_constant() const noexcept { return parts_.empty(); }

  /// Whether it needs the document of the name.
  bool reads_fields_of(std::size_t name) const noexcept;

private:
  struct part {
    std::string before;
    expression what;
    int decimals = decimals_all;
  };

  std::vector<part> parts_;
  std::string end_;
};

/// How many wildcards there are in `filter`.
std::size_t wildcards_in(std::string_view filter) noexcept;

/// What the wildcards of `filter` matched in `topic`: one level for a '+', all the rest for '#'.
/// @pre `filter` matches `topic`
/// @returns views into `topic`
std::vector<std::string_view> captures(std::string_view filter, std::string_view topic);

} // namespace actorbus::demos
