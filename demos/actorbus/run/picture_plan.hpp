#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/run_figures.hpp"

namespace actorbus::demos {

/// What a picture of a running topology shows, without places and colours.
struct picture_plan {
  /// One way that messages take along an edge.
  struct flow {
    bool exists = false; ///< something has flowed, or could have
    std::string label;   ///< topics or filters
    std::uint64_t count = 0;
  };

  enum class look : std::uint8_t { participant, listener, client, bridge, broker, rest };

  struct node {
    look what{};
    std::string title;
    std::string subtitle;
    bool is_away = false; ///< not connected
    flow to_bus;          ///< along the edge to the bus, or to the node between
    flow from_bus;
  };

  /// A node beside the bus, and those that reach the bus by it.
  struct branch {
    node inner;
    std::vector<node> outer;
  };

  std::string title; ///< of the bus
  std::vector<std::string> facts;
  std::vector<topic_figures> topics;
  std::size_t topics_left_off = 0;
  std::vector<branch> left;  ///< who publishes more than it gets
  std::vector<branch> right; ///< who gets more than it publishes
};

/// Nodes beyond some on each side are summed up in one.
picture_plan plan_picture(const run_figures& figures);

} // namespace actorbus::demos
