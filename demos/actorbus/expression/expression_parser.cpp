#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "expression/expression.hpp"
#include "expression/expression_functions.hpp"
#include "nearest_name.hpp"

namespace actorbus::demos {

namespace {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool begins_name(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

constexpr bool continues_name(char c) noexcept {
  return begins_name(c) || is_digit(c);
}

constexpr std::string_view words[] = {"and", "false", "not", "null", "or", "true"};

} // namespace

/// Recursive descent; the rule of each level calls the one that binds tighter. What is wrong is
/// thrown, as far as `expression::parse_front`.
class expression_parser {
public:
  using operation = expression::operation;

  expression_parser(std::string_view text, const expression_names& names)
      : text_(text), names_(names) {
    result_.text_ = text;
  }

  void run() { disjunction(); }

  expression take() {
    result_.text_.resize(at_);
    return std::move(result_);
  }

  /// Where the next thing begins.
  std::size_t position() {
    while (at_ < text_.size() && std::string_view{" \t\r\n"}.find(text_[at_]) != text_.npos)
      ++at_;
    return at_;
  }

  [[noreturn]] void fail(std::size_t position, std::string why) const {
    throw expression_fault{position, std::move(why)};
  }

  [[noreturn]] void fail(std::string why) { fail(position(), std::move(why)); }

private:
  // -- nodes: each rule returns the index of its own -------------------------------------------

  using index = std::uint32_t;

  index add(expression::node what, std::span<const index> operands = {}) {
    if (!operands.empty() || what.what == operation::call) {
      what.first = static_cast<index>(result_.operands_.size());
      what.count = static_cast<index>(operands.size());
      result_.operands_.insert(result_.operands_.end(), operands.begin(), operands.end());
    }
    result_.nodes_.push_back(what);
    return static_cast<index>(result_.nodes_.size() - 1);
  }

  index add(operation what, std::initializer_list<index> operands) {
    return add(expression::node{what}, {operands.begin(), operands.size()});
  }

  index constant(expression_value value) {
    return add({.what = operation::constant, .constant = value});
  }

  // -- what comes next -------------------------------------------------------------------------

  char peek() { return position() < text_.size() ? text_[at_] : '\0'; }

  bool take_sign(std::string_view sign) {
    if (!text_.substr(position()).starts_with(sign))
      return false;
    at_ += sign.size();
    return true;
  }

  std::string_view peek_name() {
    auto end = position();
    if (end < text_.size() && begins_name(text_[end]))
      while (end < text_.size() && continues_name(text_[end]))
        ++end;
    return text_.substr(at_, end - at_);
  }

  bool take_word(std::string_view word) {
    if (peek_name() != word)
      return false;
    at_ += word.size();
    return true;
  }

  void expect(std::string_view sign) {
    if (!take_sign(sign))
      fail(fmt::format("\"{}\" is missing", sign));
  }

  std::size_t take_index() {
    position();
    std::size_t value = 0;
    auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc{})
      fail("a whole number is missing");
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  /// Of one of the languages that people know. @returns what to write instead
  std::string_view foreign_sign() {
    for (auto [sign, ours] : {std::pair{"&&", "and"}, std::pair{"||", "or"}, std::pair{"=", "=="},
                              std::pair{"!", "not"}})
      if (text_.substr(position()).starts_with(sign) && !text_.substr(at_).starts_with("!=") &&
          !text_.substr(at_).starts_with("=="))
        return ours;
    return {};
  }

  struct level {
    explicit level(expression_parser& of) : of_(of) {
      if (++of_.depth_ > expression::depth_max)
        of_.fail(fmt::format("nested deeper than {}", expression::depth_max));
    }
    ~level() { --of_.depth_; }
    level(const level&) = delete;
    level& operator=(const level&) = delete;

  private:
    expression_parser& of_;
  };

  // -- the rules -------------------------------------------------------------------------------

  index disjunction() {
    level deeper{*this};
    auto left = conjunction();
    while (take_word("or"))
      left = add(operation::disjunction, {left, conjunction()});
    if (auto ours = foreign_sign(); !ours.empty())
      fail(fmt::format("write \"{}\"", ours));
    return left;
  }

  index conjunction() {
    auto left = negation();
    while (take_word("and"))
      left = add(operation::conjunction, {left, negation()});
    return left;
  }

  index negation() {
    if (!take_word("not"))
      return comparison();
    level deeper{*this};
    return add(operation::negation, {negation()});
  }

  std::optional<operation> take_comparison() {
    constexpr std::pair<std::string_view, operation> signs[] = {
        {"==", operation::equal}, {"!=", operation::not_equal},     {"<=", operation::less_equal},
        {"<", operation::less},   {">=", operation::greater_equal}, {">", operation::greater}};
    for (const auto& [sign, what] : signs)
      if (take_sign(sign))
        return what;
    return std::nullopt;
  }

  index comparison() {
    auto left = sum();
    auto what = take_comparison();
    if (!what)
      return left;
    left = add(*what, {left, sum()});
    auto after = position();
    if (take_comparison())
      fail(after, "one comparison at a time; join them with \"and\"");
    return left;
  }

  index sum() {
    auto left = product();
    for (;;) {
      if (take_sign("+"))
        left = add(operation::add, {left, product()});
      else if (take_sign("-"))
        left = add(operation::subtract, {left, product()});
      else
        return left;
    }
  }

  index product() {
    auto left = sign();
    for (;;) {
      if (take_sign("*"))
        left = add(operation::multiply, {left, sign()});
      else if (take_sign("/"))
        left = add(operation::divide, {left, sign()});
      else if (take_sign("%"))
        left = add(operation::modulo, {left, sign()});
      else
        return left;
    }
  }

  index sign() {
    if (!take_sign("-"))
      return primary();
    level deeper{*this};
    return add(operation::negate, {sign()});
  }

  index primary() {
    auto next = peek();
    if (is_digit(next) || next == '.')
      return number();
    if (next == '"' || next == '\'')
      return text();
    if (next == '{')
      return capture();
    if (take_sign("(")) {
      auto inside = disjunction();
      expect(")");
      return inside;
    }
    if (begins_name(next))
      return word();
    if (auto ours = foreign_sign(); !ours.empty())
      fail(fmt::format("write \"{}\"", ours));
    fail("a value is missing");
  }

  index number() {
    auto begin = position();
    const auto* first = text_.data() + at_;
    const auto* last = text_.data() + text_.size();
    std::int64_t whole = 0;
    double real = 0;
    auto [end, error] = std::from_chars(first, last, real);
    if (error != std::errc{} || !std::isfinite(real))
      fail(begin, "not a number, or one that is too large");
    at_ += static_cast<std::size_t>(end - first);
    if (at_ < text_.size() && (continues_name(text_[at_]) || text_[at_] == '.'))
      fail(begin, "a number with something behind it");
    auto [whole_end, whole_error] = std::from_chars(first, end, whole);
    return constant(whole_error == std::errc{} && whole_end == end ? expression_value{whole}
                                                                   : expression_value{real});
  }

  /// @returns where the text between the quotes begins and how long it is
  std::pair<std::size_t, std::size_t> quoted() {
    auto begin = position();
    auto end = text_.find(text_[begin], begin + 1);
    if (end == text_.npos)
      fail(begin, "a text without an end");
    at_ = end + 1;
    return {begin + 1, end - begin - 1};
  }

  index text() {
    auto [begin, size] = quoted();
    return add({.what = operation::text,
                .index = static_cast<index>(begin),
                .count = static_cast<index>(size)});
  }

  index capture() {
    auto begin = position();
    ++at_;
    auto number = take_index();
    expect("}");
    if (number == 0 || number > names_.captures)
      fail(begin, fmt::format("{{{}}}: wildcards of the filter: {}", number, names_.captures));
    return add({.what = operation::capture, .index = static_cast<index>(number - 1)});
  }

  index word() {
    if (take_word("true"))
      return constant(true);
    if (take_word("false"))
      return constant(false);
    if (take_word("null"))
      return constant({});
    auto begin = position();
    auto name = peek_name();
    if (std::find(std::begin(words), std::end(words), name) != std::end(words))
      fail(begin, fmt::format("a value is missing before \"{}\"", name));
    at_ += name.size();
    if (take_sign("("))
      return call(begin, name);
    auto found = std::find(names_.names.begin(), names_.names.end(), name);
    if (found == names_.names.end())
      fail(begin, fmt::format("no name \"{}\" here{}", name, suggestion(name, names_.names)));
    return path(static_cast<index>(found - names_.names.begin()));
  }

  index path(index of) {
    auto first = static_cast<index>(result_.steps_.size());
    for (;;) {
      if (at_ < text_.size() && text_[at_] == '.') {
        ++at_;
        auto key = at_ == position() ? peek_name() : std::string_view{};
        if (key.empty())
          fail("the name of a field is missing");
        at_ += key.size();
        result_.steps_.push_back({std::string{key}});
      } else if (at_ < text_.size() && text_[at_] == '[') {
        ++at_;
        auto next = peek();
        if (next == '"' || next == '\'') {
          auto [begin, size] = quoted();
          result_.steps_.push_back({std::string{text_.substr(begin, size)}});
        } else {
          result_.steps_.push_back({{}, take_index(), true});
        }
        expect("]");
      } else {
        break;
      }
    }
    auto count = static_cast<index>(result_.steps_.size()) - first;
    if (count == 0)
      return add({.what = operation::name, .index = of});
    return add({.what = operation::field, .index = of, .first = first, .count = count});
  }

  index call(std::size_t begin, std::string_view name) {
    level deeper{*this};
    auto functions = expression_functions();
    auto found = std::find_if(functions.begin(), functions.end(),
                              [&](const auto& each) { return each.name == name; });
    if (found == functions.end()) {
      std::vector<std::string_view> all;
      for (const auto& each : functions)
        all.push_back(each.name);
      fail(begin, fmt::format("no function \"{}\"{}", name, suggestion(name, all)));
    }
    std::vector<index> arguments;
    if (!take_sign(")")) {
      do
        arguments.push_back(disjunction());
      while (take_sign(","));
      expect(")");
    }
    auto count = arguments.size();
    if (count < found->arguments_min || count > found->arguments_max)
      fail(begin,
           found->arguments_min == found->arguments_max
               ? fmt::format("{} takes {} arguments, not {}", name, found->arguments_min, count)
               : fmt::format("{} takes {} to {} arguments, not {}", name, found->arguments_min,
                             found->arguments_max, count));
    return add({.what = operation::call, .index = static_cast<index>(found - functions.begin())},
               arguments);
  }

  std::string_view text_;
  expression_names names_;
  expression result_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

protocol::expected<expression, expression_fault>
expression::parse_front(std::string_view text, const expression_names& names, std::size_t& length) {
  try {
    expression_parser parser{text.substr(0, length_max + 1), names};
    parser.run();
    length = parser.position();
    if (length > length_max)
      parser.fail(length_max, fmt::format("longer than {} bytes", length_max));
    return parser.take();
  } catch (expression_fault& fault) {
    return protocol::unexpected{std::move(fault)};
  }
}

protocol::expected<expression, expression_fault> expression::parse(std::string_view text,
                                                                   const expression_names& names) {
  if (text.size() > length_max)
    return protocol::unexpected{
        expression_fault{length_max, fmt::format("longer than {} bytes", length_max)}};
  std::size_t length = 0;
  auto result = parse_front(text, names, length);
  if (result && length != text.size())
    return protocol::unexpected{expression_fault{length, "something behind the end"}};
  return result;
}

} // namespace actorbus::demos
