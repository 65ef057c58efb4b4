#include <actorbus/actors/retained_messages.hpp>

#include <algorithm>
#include <string>

#include <actorbus/protocol/topic.hpp>

namespace actorbus {

bool retained_messages::topic_order::operator()(std::string_view a,
                                                std::string_view b) const noexcept {
  auto rank = [](char c) { return c == '/' ? 0 : static_cast<int>(static_cast<unsigned char>(c)); };
  auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at_a == a.end() || at_b == b.end())
    return at_b != b.end();
  return rank(*at_a) < rank(*at_b);
}

bool retained_messages::topic_order::operator()(std::string_view topic,
                                                end_of mark) const noexcept {
  auto goes_on = topic.starts_with(mark.branch) &&
                 (topic.size() == mark.branch.size() || topic[mark.branch.size()] == '/');
  return goes_on || (*this)(topic, mark.branch);
}

retained_messages::stored retained_messages::store(message_ptr value) {
  auto old = by_topic_.find(value->topic());
  if (value->payload().empty()) {
    if (old != by_topic_.end())
      erase(old);
    return stored::removed;
  }
  auto replaces = old != by_topic_.end();
  auto bytes = bytes_ + value->size_bytes() - (replaces ? old->second->size_bytes() : 0);
  if (bytes > bounds_.bytes_max || by_topic_.size() + (replaces ? 0 : 1) > bounds_.count_max)
    return stored::over_limit;
  if (replaces)
    erase(old);
  bytes_ = bytes;
  if (auto deadline = value->expires())
    by_expiry_.emplace(*deadline, value->topic());
  auto topic = value->topic();
  by_topic_.emplace(topic, std::move(value));
  return stored::kept;
}

void retained_messages::match(std::string_view filter, time_point now,
                              std::vector<message_ptr>& out) {
  for (auto at = seek(filter, by_topic_.begin()); at != by_topic_.end();) {
    if (at->second->expired(now)) {
      at = seek(filter, erase(at));
    } else {
      out.push_back(at->second);
      at = seek(filter, std::next(at));
    }
  }
}

std::size_t retained_messages::expire(time_point now) {
  std::size_t removed = 0;
  for (; !by_expiry_.empty() && by_expiry_.begin()->first <= now; ++removed)
    erase(by_topic_.find(by_expiry_.begin()->second));
  return removed;
}

std::optional<time_point> retained_messages::next_expiry() const {
  if (by_expiry_.empty())
    return std::nullopt;
  return by_expiry_.begin()->first;
}

namespace {

/// The level that begins at `begin`.
std::string_view level_at(std::string_view name, std::size_t begin) noexcept {
  auto rest = name.substr(begin);
  return rest.substr(0, rest.find('/'));
}

/// The levels from `begin` on, up to the first wildcard.
std::string_view literals_at(std::string_view filter, std::size_t begin) noexcept {
  auto end = begin;
  while (end <= filter.size()) {
    auto level = level_at(filter, end);
    if (level == "+" || level == "#")
      break;
    end += level.size() + 1;
  }
  return filter.substr(begin, end - begin - 1);
}

} // namespace

// The first topic from `at` on that matches `filter`. Where a topic doesn't, the first level that
// differs tells the next one that could.
retained_messages::position retained_messages::seek(std::string_view filter, position at) {
  constexpr auto none = std::string_view::npos;
  while (at != by_topic_.end()) {
    auto topic = at->first;
    if (topic.front() == '$' && (filter.front() == '+' || filter.front() == '#')) {
      at = by_topic_.lower_bound("%"); // the character behind '$' [v5:MQTT-4.7.2-1]
      continue;
    }
    std::size_t in_filter = 0;
    std::size_t in_topic = 0;
    auto branch_end = none; // of the last level that a '+' stands for
    for (;;) {
      auto wanted = level_at(filter, in_filter);
      if (wanted == "#")
        return at;
      auto level = level_at(topic, in_topic);
      if (wanted == "+") {
        branch_end = in_topic + level.size();
      } else if (level != wanted) {
        if (topic_order{}(level, wanted)) {
          auto target = std::string{topic.substr(0, in_topic)};
          at = by_topic_.lower_bound(target.append(literals_at(filter, in_filter)));
        } else if (branch_end != none) {
          at = by_topic_.lower_bound(end_of{topic.substr(0, branch_end)});
        } else {
          at = by_topic_.end();
        }
        break;
      }
      in_filter += wanted.size() + 1;
      in_topic += level.size() + 1;
      auto filter_ends = in_filter > filter.size();
      auto topic_ends = in_topic > topic.size();
      if (topic_ends && (filter_ends || filter.substr(in_filter) == "#"))
        return at;
      if (topic_ends) {
        ++at;
        break;
      }
      if (filter_ends) {
        at = by_topic_.lower_bound(end_of{topic.substr(0, in_topic - 1)});
        break;
      }
    }
  }
  return at;
}

retained_messages::position retained_messages::erase(position at) {
  const auto& value = at->second;
  bytes_ -= value->size_bytes();
  if (auto deadline = value->expires())
    by_expiry_.erase({*deadline, value->topic()});
  return by_topic_.erase(at);
}

} // namespace actorbus
