#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <actorbus/actors/bridge_end.hpp>
#include <actorbus/actors/bridge_topics.hpp>
#include <actorbus/actors/caf.hpp>

namespace actorbus {

/// What a bridge subscribes to at the remote broker: all of its topics that come in, but of those
/// on demand only what somebody on the local bus subscribes to, and for a while has. The filters of
/// one topic never overlap, so that no broker sends a message twice; where the wanted ones do, one
/// that covers both stands for them.
class bridge_demand {
public:
  /// @param topics      what comes from the remote side
  /// @param filters_max filters that may be wanted at a time; beyond it all of a topic is
  /// @param linger      how long a filter that nobody wants any more counts as wanted
  bridge_demand(bridge_topics topics, std::size_t filters_max, std::chrono::milliseconds linger);

  /// What to look out for on the local bus; empty: no topic is on demand.
  std::vector<std::string> local_filters() const;

  /// A first session of the local bus subscribes to `filter`; the last has left it.
  void wanted(std::string filter);
  void left(const std::string& filter, time_point now);

  /// Whether `filters` are others than at the last call.
  bool changed(time_point now);

  /// When it is to be asked again: the next filter may end.
  std::optional<time_point> next_end() const noexcept { return next_end_; }

  /// To subscribe to at the remote broker.
  filter_list filters() const;

private:
  /// A topic on demand, from its local side.
  struct on_demand_line {
    bridge_topics::line topic;
    std::string local_filter;
    std::optional<topic_rewrite> back; ///< none: all of it, or nothing
  };

  std::vector<std::string> filters_of(const on_demand_line& line) const;

  std::vector<on_demand_line> lines_;
  filter_list always_;
  std::map<std::string, std::optional<time_point>> wanted_; ///< by local filter, until when
  std::size_t filters_max_;
  std::chrono::milliseconds linger_;
  std::optional<time_point> next_end_; ///< no filter ends earlier
  bool changed_ = false;
};

} // namespace actorbus
