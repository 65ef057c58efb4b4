#include <actorbus/actors/bridge_demand.hpp>

#include <iterator>
#include <utility>

#include <actorbus/protocol/topic.hpp>

namespace actorbus {

namespace {

void append_level(std::string& filter, std::string_view level, bool is_first) {
  if (!is_first)
    filter += '/';
  filter += level;
}

/// The filter of the topics that both match. @pre they overlap
std::string common_filter(std::string_view left, std::string_view right) {
  std::string result;
  protocol::topic_levels of_left{left};
  protocol::topic_levels of_right{right};
  for (auto is_first = true;; is_first = false) {
    auto rest_of = [](std::string_view whole, std::string_view from) {
      return whole.substr(static_cast<std::size_t>(from.data() - whole.data()));
    };
    std::string_view a;
    std::string_view b;
    auto left_goes_on = of_left.next(a);
    auto right_goes_on = of_right.next(b);
    if (!left_goes_on || !right_goes_on)
      return result; // a '#' on the other side is the parent, too
    if (a == "#" || b == "#") {
      append_level(result, a == "#" ? rest_of(right, b) : rest_of(left, a), is_first);
      return result;
    }
    append_level(result, a == "+" ? b : a, is_first);
  }
}

/// The narrowest filter that matches what either matches, level by level.
std::string covering_filter(std::string_view left, std::string_view right) {
  std::string result;
  protocol::topic_levels of_left{left};
  protocol::topic_levels of_right{right};
  for (auto is_first = true;; is_first = false) {
    std::string_view a;
    std::string_view b;
    auto left_goes_on = of_left.next(a);
    auto right_goes_on = of_right.next(b);
    if (!left_goes_on && !right_goes_on)
      return result;
    if (!left_goes_on || !right_goes_on || a == "#" || b == "#") {
      append_level(result, "#", is_first);
      return result;
    }
    append_level(result, a == b ? a : "+", is_first);
  }
}

/// Adds a filter to some that don't overlap, and keeps it so.
void add_disjoint(std::vector<std::string>& filters, std::string added) {
  for (std::size_t i = 0; i < filters.size();) {
    if (!protocol::overlap(filters[i], added)) {
      ++i;
      continue;
    }
    added = covering_filter(filters[i], added);
    filters.erase(filters.begin() + static_cast<std::ptrdiff_t>(i));
    i = 0; // wider now: it may overlap an earlier one
  }
  filters.push_back(std::move(added));
}

} // namespace

bridge_demand::bridge_demand(bridge_topics topics, std::size_t filters_max,
                             std::chrono::milliseconds linger)
    : filters_max_(filters_max), linger_(linger) {
  for (const auto& each : topics.lines()) {
    if (!each.on_demand) {
      always_.emplace_back(each.subscription, each.maximum_qos);
      continue;
    }
    auto back = each.rewrite.inverse();
    auto local_filter = back ? back->filter() : each.rewrite.image();
    lines_.push_back({each, std::move(local_filter), std::move(back)});
  }
}

std::vector<std::string> bridge_demand::local_filters() const {
  std::vector<std::string> result;
  for (const auto& each : lines_)
    result.push_back(each.local_filter);
  return result;
}

void bridge_demand::wanted(std::string filter) {
  auto [place, is_new] = wanted_.insert_or_assign(std::move(filter), std::nullopt);
  changed_ = changed_ || is_new;
}

void bridge_demand::left(const std::string& filter, time_point now) {
  auto found = wanted_.find(filter);
  if (found == wanted_.end())
    return;
  found->second = now + linger_;
  if (!next_end_)
    next_end_ = found->second; // it lingers as long as those before it
}

bool bridge_demand::changed(time_point now) {
  if (next_end_ && *next_end_ <= now) {
    next_end_.reset();
    for (auto each = wanted_.begin(); each != wanted_.end();) {
      const auto& until = each->second;
      auto is_over = until && *until <= now;
      if (until && !is_over && (!next_end_ || *until < *next_end_))
        next_end_ = until;
      changed_ = changed_ || is_over;
      each = is_over ? wanted_.erase(each) : std::next(each);
    }
  }
  return std::exchange(changed_, false);
}

std::vector<std::string> bridge_demand::filters_of(const on_demand_line& line) const {
  std::vector<std::string> result;
  auto whole = line.topic.rewrite.filter();
  for (const auto& [filter, until] : wanted_) {
    if (!protocol::overlap(line.local_filter, filter))
      continue;
    std::string there;
    if (wanted_.size() > filters_max_ || !line.back ||
        !line.back->apply(common_filter(line.local_filter, filter), there) ||
        protocol::check_topic_filter(there) != protocol::errc::none)
      return {whole};
    add_disjoint(result, std::move(there));
  }
  return result;
}

filter_list bridge_demand::filters() const {
  auto result = always_;
  for (const auto& line : lines_) {
    auto share = protocol::split_share(line.topic.subscription);
    auto front = share.is_shared() ? "$share/" + std::string{share.share_name} + '/' : "";
    for (auto& each : filters_of(line))
      result.emplace_back(front + std::move(each), line.topic.maximum_qos);
  }
  return result;
}

} // namespace actorbus
