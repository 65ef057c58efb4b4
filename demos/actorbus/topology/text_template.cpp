#include "topology/text_template.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include <actorbus/protocol/topic.hpp>

#include "nearest_name.hpp"

namespace actorbus::demos {

namespace {

constexpr std::array<std::string_view, 8> names{"n",     "value",   "time",  "name",
                                                "topic", "payload", "count", "rate"};

std::string_view name_of(placeholder what) {
  return names[static_cast<std::size_t>(what)];
}

using failure = protocol::unexpected<std::string>;

failure unknown(std::string_view name, std::span<const placeholder> allowed, std::size_t captures) {
  std::vector<std::string> texts;
  for (auto each : allowed)
    texts.push_back(fmt::format("{{{}}}", name_of(each)));
  for (std::size_t i = 1; i <= captures; ++i)
    texts.push_back(fmt::format("{{{}}}", i));
  std::vector<std::string_view> views{texts.begin(), texts.end()};
  auto typed = fmt::format("{{{}}}", name);
  return failure{fmt::format("no placeholder {} here{} (a brace itself is written twice)", typed,
                             suggestion(typed, views))};
}

std::optional<std::uint8_t> small_number(std::string_view text) {
  std::uint8_t result = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return result;
}

} // namespace

protocol::expected<text_template, std::string>
text_template::parse(std::string_view text, std::span<const placeholder> allowed,
                     std::size_t captures) {
  text_template result;
  std::string literal;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = text[i];
    auto doubled = i + 1 < text.size() && text[i + 1] == c;
    if (c != '{' && c != '}') {
      literal += c;
      continue;
    }
    if (doubled) {
      literal += c;
      ++i;
      continue;
    }
    auto end = text.find('}', i);
    if (c == '}' || end == text.npos)
      return failure{
          fmt::format("a lone '{}'; write it twice, or name a placeholder in braces", c)};
    auto inside = text.substr(i + 1, end - i - 1);
    i = end;
    auto colon = inside.find(':');
    auto name = inside.substr(0, colon);
    part next{std::exchange(literal, {})};
    if (auto number = small_number(name)) {
      if (*number == 0 || *number > captures)
        return failure{fmt::format("{{{}}}: wildcards of the filter: {}", name, captures)};
      next.what = placeholder::capture;
      next.capture = static_cast<std::uint8_t>(*number - 1);
    } else {
      auto found = std::find(names.begin(), names.end(), name);
      auto what = static_cast<placeholder>(found - names.begin());
      if (found == names.end() || std::find(allowed.begin(), allowed.end(), what) == allowed.end())
        return unknown(name, allowed, captures);
      next.what = what;
    }
    if (colon != inside.npos) {
      auto decimals = small_number(inside.substr(colon + 1));
      if (!decimals || *decimals > 9)
        return failure{fmt::format("{{{}}}: 0 to 9 decimals", inside)};
      next.decimals = *decimals;
    }
    result.parts_.push_back(std::move(next));
  }
  result.end_ = std::move(literal);
  return result;
}

void text_template::append_to(std::string& out, const template_values& values) const {
  auto end = std::back_inserter(out);
  for (const auto& each : parts_) {
    out += each.before;
    switch (each.what) {
    case placeholder::n: fmt::format_to(end, "{}", values.n); break;
    case placeholder::value: fmt::format_to(end, "{:.{}f}", values.value, each.decimals); break;
    case placeholder::time: out += values.time; break;
    case placeholder::name: out += values.name; break;
    case placeholder::topic: out += values.topic; break;
    case placeholder::payload: out += values.payload; break;
    case placeholder::count: fmt::format_to(end, "{}", values.count); break;
    case placeholder::rate: fmt::format_to(end, "{:.{}f}", values.rate, each.decimals); break;
    case placeholder::capture:
      if (each.capture < values.captures.size())
        out += values.captures[each.capture];
      break;
    }
  }
  out += end_;
}

std::string text_template::text(const template_values& values) const {
  std::string result;
  append_to(result, values);
  return result;
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
