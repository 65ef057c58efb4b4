#include <actorbus/actors/subscription_tree.hpp>

#include <actorbus/actors/level_hash.hpp>
#include <actorbus/protocol/topic.hpp>

namespace actorbus {

using kind = tree_place::kind;
using protocol::topic_levels;

namespace {

topic_stripe to_stripe(std::uint32_t hash) noexcept {
  return static_cast<topic_stripe>(1 + hash % 255);
}

topic_stripe to_stripe(std::uint32_t first, std::uint32_t second) noexcept {
  return to_stripe(first * 31 + second);
}

/// The stripe of the filters that go on from `parent` by a level.
/// @param depth of the parent: 0 for the root
topic_stripe child_stripe(const tree_node& parent, bool is_wildcard, std::uint32_t hash,
                          unsigned depth) noexcept {
  if (depth >= 2)
    return parent.stripe;
  if (is_wildcard || (depth == 1 && parent.stripe == 0))
    return 0;
  return depth == 0 ? to_stripe(hash) : to_stripe(parent.hash, hash);
}

bool is_needed(const tree_place& place) noexcept {
  if (place.type == kind::root || !place.subscriptions.empty())
    return true;
  if (place.type == kind::group)
    return false;
  const auto& node = static_cast<const tree_node&>(place);
  const auto* wildcards = node.wildcards.load(std::memory_order_relaxed);
  return !node.children.empty() || (wildcards && !wildcards->empty());
}

} // namespace

subscription_tree::subscription_tree(std::uint64_t seed, retire_list& retired)
    : seed_(seed), retired_(retired), root_(kind::root, nullptr, {}, 0, 0) {}

subscription_tree::~subscription_tree() {
  std::vector<tree_place*> left{&root_}; // no recursion: a path may have 65 535 levels
  auto add = [&](tree_place& place) { left.push_back(&place); };
  while (!left.empty()) {
    auto* place = left.back();
    left.pop_back();
    place->subscriptions.destroy();
    if (place->type != kind::group) {
      auto& node = static_cast<tree_node&>(*place);
      node.children.for_each(add);
      node.children.destroy();
      if (auto* wildcards = node.wildcards.load(std::memory_order_relaxed)) {
        for (auto* each : {&wildcards->plus, &wildcards->multi})
          if (auto* child = each->load(std::memory_order_relaxed))
            add(*child);
        wildcards->groups.for_each(add);
        wildcards->groups.destroy();
        ::operator delete(wildcards);
      }
    }
    if (place != &root_)
      ::operator delete(place);
  }
}

tree_place& subscription_tree::make(std::string_view filter) {
  auto shared = protocol::split_share(filter);
  auto& node = make_node(shared.filter);
  if (!shared.is_shared())
    return node;
  auto& groups = make_wildcards(node).groups;
  auto name_hash = hash(shared.share_name);
  if (auto* group = groups.find(shared.share_name, name_hash))
    return *group;
  auto* made =
      make_place<tree_group>(kind::group, &node, shared.share_name, name_hash, node.stripe);
  made->id = ++last_group_id_;
  groups.insert(*made, retired_);
  return *made;
}

tree_place* subscription_tree::find(std::string_view filter) const noexcept {
  auto shared = protocol::split_share(filter);
  auto* node = find_node(shared.filter);
  if (!node || !shared.is_shared())
    return node;
  auto* wildcards = node->wildcards.load(std::memory_order_relaxed);
  if (!wildcards)
    return nullptr;
  return wildcards->groups.find(shared.share_name, hash(shared.share_name));
}

void subscription_tree::prune(tree_place* place) {
  while (!is_needed(*place)) {
    auto* parent = place->parent;
    unlink(*place);
    auto bytes = sizeof(tree_group) + place->name_size;
    if (place->type != kind::group) {
      auto& node = static_cast<tree_node&>(*place);
      if (auto* wildcards = node.wildcards.load(std::memory_order_relaxed))
        retired_.retire(wildcards, sizeof(tree_wildcards));
    }
    retired_.retire(place, bytes);
    place = parent;
  }
}

bool subscription_tree::empty() const noexcept {
  const auto* wildcards = root_.wildcards.load(std::memory_order_relaxed);
  return root_.children.empty() && (!wildcards || wildcards->empty());
}

topic_stripe subscription_tree::stripe_of(std::string_view topic) const noexcept {
  topic_levels levels{topic};
  std::string_view level;
  levels.next(level);
  auto first = hash(level);
  return levels.next(level) ? to_stripe(first, hash(level)) : to_stripe(first);
}

void subscription_tree::match(std::string_view topic, std::vector<const tree_node*>& visited,
                              std::vector<const tree_node*>& found) const {
  auto load = [](const std::atomic<tree_node*>& from) {
    return from.load(std::memory_order_acquire);
  };
  visited.assign(1, &root_);
  std::size_t begin = 0;                          // of the nodes that are as deep as `level`
  auto may_be_wildcard = !topic.starts_with('$'); // [v5:MQTT-4.7.2-1]
  topic_levels levels{topic};
  std::string_view level;
  while (begin < visited.size() && levels.next(level)) {
    auto level_hash = hash(level);
    auto end = visited.size();
    for (; begin < end; ++begin) {
      const auto& node = *visited[begin];
      auto* wildcards = node.wildcards.load(std::memory_order_acquire);
      if (wildcards && may_be_wildcard) {
        if (auto* multi = load(wildcards->multi))
          found.push_back(multi);
        if (auto* plus = load(wildcards->plus))
          visited.push_back(plus);
      }
      if (auto* child = node.children.find(level, level_hash))
        visited.push_back(static_cast<tree_node*>(child));
    }
    may_be_wildcard = true;
  }
  for (; begin < visited.size(); ++begin) {
    const auto& node = *visited[begin];
    found.push_back(&node);
    if (auto* wildcards = node.wildcards.load(std::memory_order_acquire))
      if (auto* multi = load(wildcards->multi)) // "a/#" matches "a", too
        found.push_back(multi);
  }
}

tree_node& subscription_tree::make_node(std::string_view filter) {
  auto* node = &root_;
  topic_levels levels{filter};
  std::string_view level;
  for (unsigned depth = 0; levels.next(level); ++depth)
    node = &make_child(*node, level, depth);
  return *node;
}

tree_node& subscription_tree::make_child(tree_node& parent, std::string_view level,
                                         unsigned depth) {
  if (level == "+" || level == "#") {
    auto type = level == "+" ? kind::plus : kind::multi;
    auto& wildcards = make_wildcards(parent);
    auto& link = type == kind::plus ? wildcards.plus : wildcards.multi;
    auto* child = link.load(std::memory_order_relaxed);
    if (!child) {
      child = make_place<tree_node>(type, &parent, level, 0, child_stripe(parent, true, 0, depth));
      link.store(child, std::memory_order_release);
    }
    return *child;
  }
  auto level_hash = hash(level);
  auto* child = static_cast<tree_node*>(parent.children.find(level, level_hash));
  if (!child) {
    auto stripe = child_stripe(parent, false, level_hash, depth);
    child = make_place<tree_node>(kind::level, &parent, level, level_hash, stripe);
    parent.children.insert(*child, retired_);
  }
  return *child;
}

tree_wildcards& subscription_tree::make_wildcards(tree_node& of) {
  auto* wildcards = of.wildcards.load(std::memory_order_relaxed);
  if (!wildcards) {
    wildcards = new tree_wildcards;
    of.wildcards.store(wildcards, std::memory_order_release);
  }
  return *wildcards;
}

tree_node* subscription_tree::find_node(std::string_view filter) const noexcept {
  const auto* node = &root_;
  topic_levels levels{filter};
  std::string_view level;
  while (node && levels.next(level)) {
    const tree_place* child = nullptr;
    if (level == "+" || level == "#") {
      if (auto* wildcards = node->wildcards.load(std::memory_order_relaxed))
        child = (level == "+" ? wildcards->plus : wildcards->multi).load(std::memory_order_relaxed);
    } else {
      child = node->children.find(level, hash(level));
    }
    node = static_cast<const tree_node*>(child);
  }
  return const_cast<tree_node*>(node);
}

void subscription_tree::unlink(tree_place& place) {
  auto& parent = *place.parent;
  if (place.type == kind::level)
    return parent.children.erase(place, retired_);
  auto& wildcards = *parent.wildcards.load(std::memory_order_relaxed);
  if (place.type == kind::group)
    wildcards.groups.erase(place, retired_);
  else
    (place.type == kind::plus ? wildcards.plus : wildcards.multi)
        .store(nullptr, std::memory_order_release);
}

std::uint32_t subscription_tree::hash(std::string_view name) const noexcept {
  return static_cast<std::uint32_t>(level_hash(name, seed_));
}

std::string filter_of(const tree_place& place) {
  auto is_group = place.type == kind::group;
  std::vector<const tree_place*> way;
  for (const tree_place* each = is_group ? place.parent : &place; each->parent; each = each->parent)
    way.push_back(each);
  std::string result;
  if (is_group) {
    result = "$share/";
    result += place.name();
  }
  for (auto each = way.rbegin(); each != way.rend(); ++each) {
    if (each != way.rbegin() || is_group)
      result += '/';
    switch ((*each)->type) {
    case kind::plus: result += '+'; break;
    case kind::multi: result += '#'; break;
    default: result += (*each)->name();
    }
  }
  return result;
}

} // namespace actorbus
