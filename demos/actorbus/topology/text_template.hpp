#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/protocol/expected.hpp>

namespace actorbus::demos {

/// What a template's placeholders stand for.
enum class placeholder : std::uint8_t {
  n,       ///< counts from 1
  value,   ///< a number; `{value:2}` with two decimals (one, if none are given)
  time,    ///< "2026-11-23T22:05:30.123Z"
  name,    ///< the participant's
  topic,   ///< of the message that came
  payload, ///< of the message that came
  count,   ///< messages so far
  rate,    ///< messages a second; decimals as with `value`
  capture, ///< `{1}`: the levels that the filter's first wildcard matched, and so on
};

/// The values that one use of a template has.
struct template_values {
  std::uint64_t n = 0;
  double value = 0;
  std::string_view time{};
  std::string_view name{};
  std::string_view topic{};
  std::string_view payload{};
  std::uint64_t count = 0;
  double rate = 0;
  std::span<const std::string_view> captures{};
};

/// A text with placeholders in braces, for topics and payloads; `{{` and `}}` stand for a brace.
class text_template {
public:
  text_template() = default;

  /// @param allowed the placeholders that have a value where the template is used
  /// @param captures how many `{1}`, `{2}`, … there are
  /// @returns the template, or what is wrong with `text`
  static protocol::expected<text_template, std::string>
  parse(std::string_view text, std::span<const placeholder> allowed, std::size_t captures = 0);

  void append_to(std::string& out, const template_values& values) const;
  std::string text(const template_values& values) const;

  /// Whether the result is always the same.
  bool is_constant() const noexcept { return parts_.empty(); }

private:
  struct part {
    std::string before;
    placeholder what{};
    std::uint8_t decimals = 1;
    std::uint8_t capture = 0; ///< counts from 0
  };

  std::vector<part> parts_;
  std::string end_;
};

/// What the wildcards of `filter` matched in `topic`: one level for a '+', all the rest for '#'.
/// @pre `filter` matches `topic`
/// @returns views into `topic`
std::vector<std::string_view> captures(std::string_view filter, std::string_view topic);

} // namespace actorbus::demos
