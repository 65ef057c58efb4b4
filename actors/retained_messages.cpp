#include <actorbus/actors/retained_messages.hpp>

#include <algorithm>
#include <string>

#include <actorbus/protocol/topic.hpp>

namespace actorbus {

bool topic_order::operator()(std::string_view a, std::string_view b) const noexcept {
  auto rank = [](char c) { return c == '/' ? 0 : static_cast<int>(static_cast<unsigned char>(c)); };
  auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at_a == a.end() || at_b == b.end())
    return at_b != b.end();
  return rank(*at_a) < rank(*at_b);
}

bool topic_order::operator()(std::string_view topic, end_of branch) const noexcept {
  auto goes_on = topic.starts_with(branch.root) &&
                 (topic.size() == branch.root.size() || topic[branch.root.size()] == '/');
  return goes_on || (*this)(topic, branch.root);
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
  for (auto at = seek_match(filter, by_topic_.begin()); at != by_topic_.end();) {
    if (at->second->expired(now)) {
      at = seek_match(filter, erase(at));
    } else {
      out.push_back(at->second);
      at = seek_match(filter, std::next(at));
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

/// Where a search goes on from a topic.
struct step {
  enum {
    stay,   ///< the topic matches
    next,   ///< to the topic behind it
    to,     ///< to the first topic not before `from_topic` and `from_filter`, one after the other
    behind, ///< behind the branch `from_topic`
    end,    ///< no further topic matches
  } where;
  std::string_view from_topic = {};
  std::string_view from_filter = {};
};

/// Compares level by level. Where the two part, the levels tell which topics can't match either.
step compare(std::string_view filter, std::string_view topic) noexcept {
  if (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#')))
    return {step::to, {}, "%"}; // the character behind '$' [v5:MQTT-4.7.2-1]
  std::size_t in_filter = 0;
  std::size_t in_topic = 0;
  auto after_differing = step{step::end}; // the last level that '+' stands for may go on
  for (;;) {
    auto wanted = level_at(filter, in_filter);
    if (wanted == "#")
      return {step::stay};
    auto level = level_at(topic, in_topic);
    if (wanted == "+")
      after_differing = {step::behind, topic.substr(0, in_topic + level.size())};
    else if (topic_order{}(level, wanted))
      return {step::to, topic.substr(0, in_topic), literals_at(filter, in_filter)};
    else if (level != wanted)
      return after_differing;

    in_filter += wanted.size() + 1;
    in_topic += level.size() + 1;
    auto filter_ends = in_filter > filter.size();
    auto topic_ends = in_topic > topic.size();
    if (topic_ends)
      return {filter_ends || filter.substr(in_filter) == "#" ? step::stay : step::next};
    if (filter_ends)
      return {step::behind, topic.substr(0, in_topic - 1)};
  }
}

} // namespace

// The first topic from `at` on that matches `filter`.
retained_messages::position retained_messages::seek_match(std::string_view filter, position at) {
  while (at != by_topic_.end()) {
    auto go = compare(filter, at->first);
    switch (go.where) {
    case step::stay: return at;
    case step::next: ++at; break;
    case step::to:
      at = by_topic_.lower_bound(std::string{go.from_topic}.append(go.from_filter));
      break;
    case step::behind: at = by_topic_.lower_bound(topic_order::end_of{go.from_topic}); break;
    case step::end: return by_topic_.end();
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
