#include <actorbus/actors/permissions.hpp>

#include <algorithm>

#include <actorbus/protocol/topic.hpp>

namespace actorbus {

namespace {

std::vector<std::string> filled_in(const std::vector<std::string>& filters,
                                   std::string_view client_id, std::string_view user_name) {
  std::vector<std::string> result;
  for (const auto& each : filters) {
    auto filter = fill_in_names(each, client_id, user_name);
    if (filter && protocol::check_topic_filter(*filter) == protocol::errc::none)
      result.push_back(std::move(*filter));
  }
  return result;
}

} // namespace

std::optional<std::string> fill_in_names(std::string_view pattern, std::string_view client_id,
                                         std::string_view user_name) {
  std::string result;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    auto mark = pattern.substr(i, 2);
    if (mark != "%c" && mark != "%u") {
      result += pattern[i];
      continue;
    }
    auto name = mark == "%c" ? client_id : user_name;
    if (name.empty() || name.find_first_of("+#/") != name.npos)
      return std::nullopt;
    result += name;
    ++i;
  }
  return result;
}

bool covers(std::string_view permitted, std::string_view wanted) noexcept {
  // Wildcards don't match names that begin with '$' [v5:MQTT-4.7.2-1].
  if (wanted.starts_with('$') && (permitted.starts_with('+') || permitted.starts_with('#')))
    return false;
  protocol::topic_levels may{permitted};
  protocol::topic_levels wants{wanted};
  std::string_view level;
  std::string_view other;
  while (may.next(level)) {
    if (level == "#")
      return true;
    if (!wants.next(other))
      return false;
    if (other == "#" || (level != "+" && level != other))
      return false;
  }
  return !wants.next(other);
}

access_rights::access_rights(std::span<const permissions_ptr> sets, std::string_view client_id,
                             std::string_view user_name) {
  for (const auto& each : sets)
    if (each)
      sets_.push_back({filled_in(each->publish, client_id, user_name),
                       filled_in(each->subscribe, client_id, user_name)});
}

bool access_rights::may_publish(std::string_view topic) {
  if (sets_.empty())
    return true;
  if (auto known = known_.find(topic); known != known_.end())
    return known->second;
  auto allowed = matches_publish(topic);
  if (known_.size() >= remembered_max)
    known_.clear();
  known_.emplace(topic, allowed);
  return allowed;
}

bool access_rights::matches_publish(std::string_view topic) const noexcept {
  return std::all_of(sets_.begin(), sets_.end(), [&](const permissions& set) {
    return std::any_of(set.publish.begin(), set.publish.end(),
                       [&](const auto& filter) { return protocol::matches(filter, topic); });
  });
}

bool access_rights::may_subscribe(std::string_view filter) const noexcept {
  auto wanted = protocol::split_share(filter).filter;
  return std::all_of(sets_.begin(), sets_.end(), [&](const permissions& set) {
    return std::any_of(set.subscribe.begin(), set.subscribe.end(),
                       [&](const auto& permitted) { return covers(permitted, wanted); });
  });
}

} // namespace actorbus
