#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>

#include <actorbus/actors/place_map.hpp>
#include <actorbus/actors/subscription_list.hpp>
#include <actorbus/actors/write_versions.hpp>

namespace actorbus {

struct tree_node;

/// Somewhere in the tree where subscriptions hang: a node (of one filter) or a group (of one
/// filter and share name). Its name lies behind it in memory.
struct tree_place {
  enum class kind : std::uint8_t {
    root,
    level, ///< a node reached by the name of a level
    plus,  ///< a node reached by '+'
    multi, ///< a node reached by '#'
    group, ///< a `tree_group`, named by its share name
  };

  tree_place(kind what, tree_node* under, std::string_view its_name, std::uint32_t its_hash,
             topic_stripe its_stripe) noexcept
      : parent(under),
        hash(its_hash),
        name_size(static_cast<std::uint16_t>(its_name.size())),
        type(what),
        stripe(its_stripe) {}

  std::string_view name() const noexcept;

  subscription_list subscriptions;
  tree_node* parent;       ///< nullptr for the root; a group's is its filter's node
  std::uint32_t hash;      ///< of the name
  std::uint16_t name_size; ///< bytes
  kind type;
  topic_stripe stripe; ///< of the filter
};

/// The branches that few nodes have.
struct tree_wildcards {
  std::atomic<tree_node*> plus{nullptr};
  std::atomic<tree_node*> multi{nullptr};
  place_map groups; ///< share names of this filter

  bool empty() const noexcept {
    return !plus.load(std::memory_order_relaxed) && !multi.load(std::memory_order_relaxed) &&
           groups.empty();
  }
};

/// One level of the filters that lead through it.
struct tree_node : tree_place {
  place_map children;                              ///< nodes by the name of their level
  std::atomic<tree_wildcards*> wildcards{nullptr}; ///< made when first needed, freed with it

  using tree_place::tree_place;
};

/// A shared subscription's members.
struct tree_group : tree_place {
  mutable std::atomic<std::uint32_t> turn{0}; ///< readers take turns: see `shared_group`
  std::uint32_t id = 0;                       ///< nobody else's in this tree; not 0 once it is in

  using tree_place::tree_place;
};

/// Makes a node or group in one piece with its name. Freed by `operator delete`.
template <class Place>
Place* make_place(tree_place::kind type, tree_node* parent, std::string_view name,
                  std::uint32_t hash, topic_stripe stripe) {
  auto* memory = static_cast<char*>(::operator new(sizeof(Place) + name.size()));
  std::copy(name.begin(), name.end(), memory + sizeof(Place));
  return new (memory) Place{type, parent, name, hash, stripe};
}

inline std::string_view tree_place::name() const noexcept {
  auto size = type == kind::group ? sizeof(tree_group) : sizeof(tree_node);
  return {reinterpret_cast<const char*>(this) + size, name_size};
}

} // namespace actorbus
