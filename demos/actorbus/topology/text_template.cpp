#include "topology/text_template.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <actorbus/protocol/topic.hpp>

namespace actorbus::demos {

namespace {

using template_fault = protocol::unexpected<std::string>;

/// Of numbers that are made up or computed: nobody needs all their digits.
constexpr std::pair<std::string_view, int> decimals_of_names[] = {
    {"value", 1}, {"rate", 1}, {"mean", decimals_computed}, {"sum", decimals_computed}};

std::optional<std::size_t> small_number(std::string_view text) {
  std::size_t result = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return result;
}

constexpr std::string_view hint = "(a brace itself is written twice)";

int usual_decimals(const expression& of, const expression_names& names) {
  for (const auto& [name, decimals] : decimals_of_names) {
    auto found = std::find(names.names.begin(), names.names.end(), name);
    if (found != names.names.end() &&
        of.is_name(static_cast<std::size_t>(found - names.names.begin())))
      return decimals;
  }
  return of.is_plain() ? decimals_all : decimals_computed;
}

/// A placeholder from behind its brace to its end.
struct placeholder {
  expression what;
  std::optional<int> decimals{};
  std::size_t length = 0; ///< with the closing brace
};

// `{1}` is short for the capture `{ {1} }`, as a number of its own would be of no use there.
protocol::expected<placeholder, std::string> read_capture(std::string_view digits,
                                                          const expression_names& names) {
  auto number = small_number(digits);
  if (!number || *number == 0 || *number > names.captures)
    return template_fault{
        fmt::format("{{{}}}: wildcards of the filter: {}", digits, names.captures)};
  return placeholder{expression::capture(*number - 1)};
}

protocol::expected<placeholder, std::string> read_expression(std::string_view text,
                                                             const expression_names& names) {
  auto shown = [&] { return text.substr(0, std::min(text.find('}'), std::size_t{40})); };
  placeholder result;
  auto parsed = expression::parse_front(text, names, result.length);
  if (!parsed)
    return template_fault{fmt::format("{{{}}}: at character {}: {} {}", shown(),
                                      parsed.error().position + 1, parsed.error().text, hint)};
  auto next = result.length < text.size() ? text[result.length] : '\0';
  if (next != '}' && next != ':')
    return template_fault{fmt::format("{{{}}}: at character {}: something behind the end {}",
                                      shown(), result.length + 1, hint)};
  result.what = std::move(*parsed);
  return result;
}

/// @param text from behind the opening brace on; has a closing one
protocol::expected<placeholder, std::string> read_placeholder(std::string_view text,
                                                              const expression_names& names) {
  auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  auto is_capture = digits > 0 && (text[digits] == '}' || text[digits] == ':');
  auto result =
      is_capture ? read_capture(text.substr(0, digits), names) : read_expression(text, names);
  if (!result)
    return result;
  if (is_capture)
    result->length = digits;
  auto end = std::min(text.find('}', result->length), text.size());
  if (text[result->length] == ':') {
    auto decimals = small_number(text.substr(result->length + 1, end - result->length - 1));
    if (!decimals || *decimals > 9)
      return template_fault{fmt::format("{{{}}}: 0 to 9 decimals {}", text.substr(0, end), hint)};
    result->decimals = static_cast<int>(*decimals);
  }
  result->length = end + 1;
  return result;
}

} // namespace

protocol::expected<text_template, std::string> text_template::parse(std::string_view text,
                                                                    const expression_names& names) {
  if (text.size() > length_max)
    return template_fault{fmt::format("longer than {} bytes", length_max)};
  text_template result;
  std::string literal;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = text[i];
    if (c != '{' && c != '}') {
      literal += c;
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == c) {
      literal += c;
      ++i;
      continue;
    }
    if (c == '}' || text.find('}', i) == text.npos)
      return template_fault{
          fmt::format("a lone '{}'; write it twice, or name a placeholder in braces", c)};
    auto read = read_placeholder(text.substr(i + 1), names);
    if (!read)
      return template_fault{read.error()};
    i += read->length;
    auto decimals = read->decimals.value_or(usual_decimals(read->what, names));
    result.parts_.push_back({std::exchange(literal, {}), std::move(read->what), decimals});
  }
  result.end_ = std::move(literal);
  return result;
}

bool text_template::append_to(std::string& out, const expression_scope& scope) const {
  for (const auto& each : parts_) {
    out += each.before;
    auto value = each.what.evaluate(scope);
    if (is_nothing(value))
      return false;
    append_text(out, value, each.decimals);
  }
  out += end_;
  return true;
}

std::optional<nlohmann::ordered_json> text_template::value(const expression_scope& scope) const {
  if (parts_.size() == 1 && parts_.front().before.empty() && end_.empty()) {
    auto value = parts_.front().what.evaluate(scope);
    if (is_nothing(value))
      return std::nullopt;
    return to_json(value, parts_.front().decimals);
  }
  std::string text;
  if (!append_to(text, scope))
    return std::nullopt;
  return nlohmann::ordered_json(std::move(text));
}

bool text_template::reads_fields_of(std::size_t name) const noexcept {
  return std::any_of(parts_.begin(), parts_.end(),
                     [name](const part& each) { return each.what.reads_fields_of(name); });
}

std::size_t wildcards_in(std::string_view filter) noexcept {
  return static_cast<std::size_t>(
      std::count_if(filter.begin(), filter.end(), [](char c) { return c == '+' || c == '#'; }));
}

std::vector<std::string_view> captures(std::string_view filter, std::string_view topic) {
  std::vector<std::string_view> result;
  protocol::topic_levels wanted{protocol::split_share(filter).filter};
  protocol::topic_levels given{topic};
  std::string_view pattern;
  std::string_view level;
  while (wanted.next(pattern)) {
    auto is_there = given.next(level);
    if (pattern == "#")
      result.push_back(is_there
                           ? topic.substr(static_cast<std::size_t>(level.data() - topic.data()))
                           : std::string_view{});
    else if (pattern == "+")
      result.push_back(level);
  }
  return result;
}

} // namespace actorbus::demos
