#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/topic_rewrite.hpp>
#include <actorbus/protocol/types.hpp>

namespace actorbus {

/// Which way a bridge carries messages; "out" is from the local bus to the remote broker.
enum class bridge_direction : std::uint8_t { out, in, both };

/// One line of a bridge's topic map.
struct bridge_topic {
  std::string filter; ///< on the side where messages come from; for `both` on the local one
  bridge_direction direction = bridge_direction::out;
  protocol::qos maximum_qos = protocol::qos::exactly_once;
  std::string local_prefix;  ///< in front of all topics of the local side
  std::string remote_prefix; ///< in front of all topics of the remote side
  std::string rewrite; ///< the topic on the other side, with `{1}` for a wildcard; empty: the same
  std::vector<std::string> exclude; ///< filters of topics that stay, without the prefix
  /// What comes from the remote side is subscribed to there only as far as somebody on the local
  /// bus subscribes to it.
  bool on_demand = false;
};

/// What is wrong with an option, and which.
struct bridge_fault {
  std::string key;
  std::string what;
};

/// What becomes of the topics that come from one side.
class bridge_topics {
public:
  struct line {
    topic_rewrite rewrite;
    std::string subscription;               ///< what to subscribe to, with a share name
    std::vector<std::string> exclude_here;  ///< by the topic as it comes
    std::vector<std::string> exclude_there; ///< by what becomes of it
    protocol::qos maximum_qos{};
    bool on_demand = false;
  };

  /// @pre `check(lines)` found nothing
  /// @param from `out`: what comes from the local side; `in`: from the remote one
  static bridge_topics make(const std::vector<bridge_topic>& lines, bridge_direction from);

  static std::vector<bridge_fault> check(const bridge_topic& line);

  /// The first line that takes a topic; nullptr: it stays where it is.
  /// @param out what becomes of it; unspecified if it stays
  const line* map(std::string_view topic, std::string& out) const;

  const std::vector<line>& lines() const noexcept { return lines_; }

  /// Where an answer must be sent on the side that these topics come from, so that it arrives at
  /// `topic` on the other side.
  /// @returns false if no line leads there
  bool way_back(std::string_view topic, std::string& out) const;

private:
  std::vector<line> lines_;
  std::vector<topic_rewrite> inverses_;
};

} // namespace actorbus
