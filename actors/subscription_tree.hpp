#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/retire_list.hpp>
#include <actorbus/actors/tree_node.hpp>

namespace actorbus {

/// The topic filters that somebody subscribes to, level by level: "a/+/c" is the path root → "a" →
/// '+' → "c". One writer makes and prunes paths; any number of readers match topics meanwhile, and
/// never wait. Readers hold a `routing_guard`.
class subscription_tree {
public:
  /// @param seed    see `level_hash`
  /// @param retired takes what readers may still see; outlives the tree
  subscription_tree(std::uint64_t seed, retire_list& retired);
  ~subscription_tree(); ///< @pre no reader is left
  subscription_tree(const subscription_tree&) = delete;
  subscription_tree& operator=(const subscription_tree&) = delete;

  /// The place of a filter, made if it is missing. Writer only.
  /// @param filter a valid filter, "$share/NAME/…" included
  tree_place& make(std::string_view filter);

  /// The place of a filter. Writer only. @returns nullptr if there is none
  tree_place* find(std::string_view filter) const noexcept;

  /// Removes `place`, and the path that leads to nothing else, unless it is of use. Writer only.
  void prune(tree_place* place);

  /// Nothing but the root is left. Writer only.
  bool empty() const noexcept;

  /// The stripe of a topic; never 0.
  topic_stripe stripe_of(std::string_view topic) const noexcept;

  /// Appends to `found` the nodes of all filters that `topic` matches, in an order that depends
  /// on their names alone. Any thread.
  /// @param visited working memory; its content is of no use
  void match(std::string_view topic, std::vector<const tree_node*>& visited,
             std::vector<const tree_node*>& found) const;

private:
  tree_node& make_node(std::string_view filter);
  tree_node& make_child(tree_node& parent, std::string_view level, unsigned depth);
  tree_wildcards& make_wildcards(tree_node& of);
  tree_node* find_node(std::string_view filter) const noexcept;
  void unlink(tree_place& place);
  std::uint32_t hash(std::string_view name) const noexcept;

  const std::uint64_t seed_;
  retire_list& retired_;
  std::uint32_t last_group_id_ = 0;
  tree_node root_;
};

/// The filter that leads to a place of a tree, "$share/NAME/…" for a group.
std::string filter_of(const tree_place& place);

} // namespace actorbus
