#include <actorbus/actors/route_builder.hpp>

#include <algorithm>
#include <iterator>
#include <memory>

namespace actorbus {

namespace {

/// Adds a subscription to what its session gets.
void add_to(receiver& made, const subscription_options& options) noexcept {
  made.maximum_qos = std::max(made.maximum_qos, options.maximum_qos);
  made.retain_as_published |= options.retain_as_published;
  if (options.no_local)
    return;
  made.local_match = true;
  made.local_maximum_qos = std::max(made.local_maximum_qos, options.maximum_qos);
  made.local_retain_as_published |= options.retain_as_published;
}

} // namespace

void route_builder::build(const subscription_tree& tree, std::string_view topic, route& made) {
  found_.clear();
  tree.match(topic, visited_, found_);
  matches_.clear();
  std::uint32_t list = 0;
  for (const auto* node : found_)
    collect(node->subscriptions, list++);
  merge(made.receivers, made.identifiers);
  for (const auto* node : found_)
    add_groups(*node, made);
}

void route_builder::add_groups(const tree_node& node, route& made) {
  auto* wildcards = node.wildcards.load(std::memory_order_acquire);
  if (!wildcards)
    return;
  groups_.clear();
  wildcards->groups.for_each(
      [this](tree_place& each) { groups_.push_back(static_cast<const tree_group*>(&each)); });
  std::sort(groups_.begin(), groups_.end(), [](auto* a, auto* b) { return a->name() < b->name(); });
  for (const auto* group : groups_) {
    matches_.clear();
    collect(group->subscriptions, 0);
    if (matches_.empty())
      continue;
    auto& members =
        *made.groups.emplace_back(std::make_unique<shared_group>(group->id, group->turn));
    merge(members.members, members.identifiers);
  }
}

void route_builder::collect(const subscription_list& subscriptions, std::uint32_t list) {
  auto first = static_cast<std::ptrdiff_t>(matches_.size());
  subscriptions.for_each([&](const tree_subscription& each) {
    matches_.push_back({each.to->id, &each, each.options.load(std::memory_order_relaxed), list});
  });
  // Lists are read from the back; in the order of subscribing they are often sorted already.
  std::reverse(matches_.begin() + first, matches_.end());
}

// By identifier and filter, not by address, so that a simulation's run repeats.
void route_builder::sort_matches() {
  auto less = [](const match& a, const match& b) {
    return a.id < b.id || (a.id == b.id && a.list < b.list);
  };
  if (!std::is_sorted(matches_.begin(), matches_.end(), less))
    std::sort(matches_.begin(), matches_.end(), less);
}

// Makes one receiver of each session's matches. The identifiers of No Local subscriptions stand
// behind the others, so that those without them are a part of the whole.
void route_builder::merge(std::vector<receiver>& receivers,
                          std::vector<std::uint32_t>& identifiers) {
  sort_matches();
  std::size_t sessions = 0;
  std::size_t identified = 0;
  for (std::size_t i = 0; i < matches_.size(); ++i) {
    sessions += i == 0 || matches_[i].id != matches_[i - 1].id;
    identified += unpack_options(matches_[i].options).identifier != 0;
  }
  receivers.reserve(sessions);
  identifiers.reserve(identified); // spans point into it from here on

  for (auto first = matches_.begin(); first != matches_.end();) {
    auto last = std::find_if(first, matches_.end(),
                             [=](const match& each) { return each.id != first->id; });
    auto& made = receivers.emplace_back();
    made.to = first->from->to;
    const auto* begin = identifiers.data() + identifiers.size();
    for (auto no_local : {false, true}) {
      for (auto each = first; each != last; ++each) {
        auto options = unpack_options(each->options);
        // One that moved while its list was read may have been met twice.
        auto is_again = each != first && std::prev(each)->list == each->list;
        if (options.no_local != no_local || is_again)
          continue;
        add_to(made, options);
        if (options.identifier != 0)
          identifiers.push_back(options.identifier);
      }
      const auto* end = identifiers.data() + identifiers.size();
      (no_local ? made.identifiers : made.local_identifiers) = {begin, end};
    }
    first = last;
  }
}

} // namespace actorbus
