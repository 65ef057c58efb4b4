#include <actorbus/protocol/topic.hpp>

#include <algorithm>

namespace actorbus::protocol {

namespace {

errc check_bounds(std::string_view text, const topic_limits& limits) noexcept {
  if (text.size() > limits.size_bytes_max)
    return errc::topic_too_long;
  if (text.find('\0') != std::string_view::npos)
    return errc::topic_null_character;
  if (text.size() >= limits.levels_max) { // each level but the last takes at least its slash
    auto slashes = static_cast<std::size_t>(std::count(text.begin(), text.end(), '/'));
    if (slashes >= limits.levels_max)
      return errc::topic_too_many_levels;
  }
  return errc::none;
}

errc check_wildcards(std::string_view filter) noexcept {
  topic_levels levels{filter};
  std::string_view level;
  bool is_over = false;
  while (levels.next(level)) {
    if (is_over)
      return errc::filter_multi_level_misplaced;
    if (level.find('#') != std::string_view::npos) {
      if (level.size() != 1)
        return errc::filter_multi_level_misplaced;
      is_over = true;
    }
    if (level.find('+') != std::string_view::npos && level.size() != 1)
      return errc::filter_single_level_misplaced;
  }
  return errc::none;
}

} // namespace

errc check_topic_name(std::string_view name, const topic_limits& limits) noexcept {
  if (name.empty())
    return errc::topic_empty;
  if (name.find_first_of("+#") != std::string_view::npos)
    return errc::topic_wildcard;
  return check_bounds(name, limits);
}

errc check_topic_filter(std::string_view filter, const topic_limits& limits) noexcept {
  if (filter.empty())
    return errc::filter_empty;
  if (auto cause = check_bounds(filter, limits); cause != errc::none)
    return cause;
  if (filter.starts_with(share_prefix)) {
    filter.remove_prefix(share_prefix.size());
    auto slash = filter.find('/');
    auto name = filter.substr(0, slash);
    if (name.empty() || name.find_first_of("+#") != std::string_view::npos)
      return errc::share_name_invalid;
    if (slash == std::string_view::npos || slash + 1 == filter.size())
      return errc::filter_empty;
    filter.remove_prefix(slash + 1);
  }
  return check_wildcards(filter);
}

shared_filter split_share(std::string_view filter) noexcept {
  if (!filter.starts_with(share_prefix))
    return {{}, filter};
  filter.remove_prefix(share_prefix.size());
  auto slash = filter.find('/');
  if (slash == std::string_view::npos)
    return {filter, {}};
  return {filter.substr(0, slash), filter.substr(slash + 1)};
}

bool has_wildcard(std::string_view filter) noexcept {
  return filter.find_first_of("+#") != std::string_view::npos;
}

bool matches(std::string_view filter, std::string_view name) noexcept {
  if (filter.empty() || name.empty())
    return false;
  if (name.front() == '$' && (filter.front() == '+' || filter.front() == '#'))
    return false;
  std::size_t at = 0; // in the name
  for (std::size_t i = 0; i < filter.size(); ++i) {
    if (filter[i] == '#')
      return true;
    if (filter[i] == '+') {
      while (at < name.size() && name[at] != '/')
        ++at;
      continue;
    }
    if (at == name.size())
      return filter.substr(i) == "/#"; // "a/#" matches the parent, "a"
    if (filter[i] != name[at])
      return false;
    ++at;
  }
  return at == name.size();
}

bool overlap(std::string_view left, std::string_view right) noexcept {
  auto begins_wild = [](std::string_view filter) {
    return filter.starts_with('+') || filter.starts_with('#');
  };
  if ((left.starts_with('$') && begins_wild(right)) ||
      (right.starts_with('$') && begins_wild(left)))
    return false; // [v5:MQTT-4.7.2-1]
  topic_levels of_left{left};
  topic_levels of_right{right};
  for (;;) {
    std::string_view a;
    std::string_view b;
    auto left_goes_on = of_left.next(a);
    auto right_goes_on = of_right.next(b);
    if ((left_goes_on && a == "#") || (right_goes_on && b == "#"))
      return true; // '#' is the parent, too
    if (!left_goes_on || !right_goes_on)
      return left_goes_on == right_goes_on;
    if (a != "+" && b != "+" && a != b)
      return false;
  }
}

} // namespace actorbus::protocol
