#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <actorbus/actors/route.hpp>
#include <actorbus/actors/subscription_tree.hpp>

namespace actorbus {

/// Makes routes: collects the subscriptions that match a topic and merges those of each session.
/// Keeps its working memory from one to the next.
class route_builder {
public:
  /// Looks `topic` up. @pre the caller holds a `routing_guard`
  /// @param made an empty route
  void build(const subscription_tree& tree, std::string_view topic, route& made);

private:
  /// A subscription that matches.
  struct match {
    std::uint64_t id; ///< of its session
    const tree_subscription* from;
    std::uint32_t options; ///< as they were when read: the writer may change them
    std::uint32_t list;    ///< counts the lists; each has at most one of a session
  };

  void add_groups(const tree_node& node, route& made);
  void collect(const subscription_list& subscriptions, std::uint32_t list);
  void sort_matches();
  void merge(std::vector<receiver>& receivers, std::vector<std::uint32_t>& identifiers);

  std::vector<const tree_node*> visited_;
  std::vector<const tree_node*> found_;
  std::vector<const tree_group*> groups_;
  std::vector<match> matches_;
};

} // namespace actorbus
