#include <actorbus/actors/topic_rewrite.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

#include <actorbus/protocol/topic.hpp>

namespace actorbus {

using protocol::errc;

namespace {

/// More wildcards than any filter needs, so that captures lie on the stack.
constexpr std::size_t wildcards_max = 32;

std::size_t count_wildcards(std::string_view filter) noexcept {
  std::size_t count = 0;
  for (auto c : filter)
    count += c == '+' || c == '#' ? 1 : 0;
  return count;
}

/// The capture `{N}` at the front of `text`. @returns its bytes, 0 if there is none
std::size_t read_capture(std::string_view text, std::size_t& number) noexcept {
  auto end = text.find('}');
  if (text.empty() || text.front() != '{' || end == std::string_view::npos)
    return 0;
  auto [at, fault] = std::from_chars(text.data() + 1, text.data() + end, number);
  return fault == std::errc{} && at == text.data() + end ? end + 1 : 0;
}

struct capture {
  std::string_view text;
  bool is_absent = false; ///< a '#' that matched no level at all
};

void find_captures(std::string_view filter, std::string_view topic, capture* out) noexcept {
  std::size_t at = 0;
  for (std::size_t i = 0; i < filter.size(); ++i) {
    if (filter[i] == '#') {
      *out = at > topic.size() ? capture{{}, true} : capture{topic.substr(at), false};
      return;
    }
    if (filter[i] != '+') {
      ++at;
      continue;
    }
    auto end = std::min(topic.find('/', at), topic.size());
    *out++ = {topic.substr(at, end - at), false};
    at = end;
  }
}

} // namespace

std::string topic_rewrite::target_of(std::string_view filter) {
  std::string result;
  std::size_t number = 0;
  for (auto c : filter) {
    if (c == '+' || c == '#')
      result += '{' + std::to_string(++number) + '}';
    else
      result += c;
  }
  return result;
}

protocol::expected<topic_rewrite, std::string> topic_rewrite::make(std::string_view filter,
                                                                   std::string_view target) {
  using protocol::unexpected;
  auto quoted = [](std::string_view text) { return '"' + std::string{text} + '"'; };
  if (auto fault = protocol::check_topic_filter(filter); fault != errc::none)
    return unexpected{quoted(filter) + ": " + std::string{protocol::to_string(fault)}};
  topic_rewrite result;
  result.filter_ = protocol::split_share(filter).filter;
  for (auto at = result.filter_.find('{'); at != std::string::npos;
       at = result.filter_.find('{', at + 1)) {
    std::size_t number = 0;
    if (read_capture(std::string_view{result.filter_}.substr(at), number) != 0)
      return unexpected{quoted(filter) + ": captures belong into the target"};
  }
  result.wildcards_ = count_wildcards(result.filter_);
  if (result.wildcards_ > wildcards_max)
    return unexpected{quoted(filter) + ": more than 32 wildcards"};
  auto same = target_of(result.filter_);
  result.target_ = target.empty() ? same : std::string{target};
  result.identity_ = result.target_ == same;
  if (auto fault = protocol::check_topic_name(result.target_); fault != errc::none)
    return unexpected{quoted(target) + ": " + std::string{protocol::to_string(fault)}};
  std::string text;
  for (std::string_view rest = result.target_; !rest.empty();) {
    std::size_t number = 0;
    auto size = read_capture(rest, number);
    if (size == 0) {
      text += rest.front();
      rest.remove_prefix(1);
      continue;
    }
    if (number == 0 || number > result.wildcards_)
      return unexpected{quoted(target) + ": there is no {" + std::to_string(number) + "}; " +
                        quoted(filter) + " has " + std::to_string(result.wildcards_) +
                        (result.wildcards_ == 1 ? " wildcard" : " wildcards")};
    result.parts_.push_back({std::exchange(text, {}), number - 1});
    rest.remove_prefix(size);
  }
  if (!text.empty())
    result.parts_.push_back({std::move(text), none});
  return result;
}

bool topic_rewrite::matches(std::string_view topic) const noexcept {
  return protocol::matches(filter_, topic);
}

bool topic_rewrite::apply(std::string_view topic, std::string& out) const {
  if (identity_) {
    out = topic;
    return true;
  }
  capture found[wildcards_max];
  find_captures(filter_, topic, found);
  out.clear();
  for (const auto& each : parts_) {
    out += each.text;
    if (each.capture == none)
      continue;
    const auto& value = found[each.capture];
    out += value.text;
    if (value.is_absent && &each == &parts_.back() && out.ends_with('/'))
      out.pop_back();
  }
  return !out.empty();
}

std::string topic_rewrite::image() const {
  if (identity_)
    return filter_;
  auto many = filter_.ends_with('#') ? '{' + std::to_string(wildcards_) + '}' : std::string{"#"};
  std::string result;
  protocol::topic_levels levels{target_};
  for (std::string_view level; levels.next(level);) {
    if (!result.empty() || level.data() != target_.data())
      result += '/';
    if (level.find(many) != std::string_view::npos)
      return result + '#'; // any number of levels
    result += level.find('{') == std::string_view::npos ? level : "+";
  }
  return result;
}

std::optional<topic_rewrite> topic_rewrite::inverse() const {
  std::string back_filter;
  std::vector<std::size_t> place(wildcards_, 0); // of each capture in the target, from 1
  std::size_t seen = 0;
  auto wildcard_of = [this](std::size_t number) {
    return number + 1 == wildcards_ && filter_.ends_with('#') ? '#' : '+';
  };
  protocol::topic_levels levels{target_};
  auto is_first = true;
  for (std::string_view level; levels.next(level);) {
    std::size_t number = 0;
    auto size = read_capture(level, number);
    if (!std::exchange(is_first, false))
      back_filter += '/';
    if (size == level.size() && size > 0) {
      if (place[number - 1] != 0)
        return std::nullopt;
      place[number - 1] = ++seen;
      back_filter += wildcard_of(number - 1);
    } else if (level.find_first_of("{}") != std::string_view::npos) {
      return std::nullopt; // a capture inside a level can't be told from its neighbours
    } else {
      back_filter += level;
    }
  }
  if (seen != wildcards_)
    return std::nullopt;
  std::string back_target;
  std::size_t number = 0;
  for (auto c : filter_) {
    if (c == '+' || c == '#')
      back_target += '{' + std::to_string(place[number++]) + '}';
    else
      back_target += c;
  }
  auto result = make(back_filter, back_target);
  if (!result)
    return std::nullopt;
  return std::move(*result);
}

} // namespace actorbus
