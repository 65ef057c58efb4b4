#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <actorbus/actors/message.hpp>

namespace actorbus {

/// Orders topics by level, then by bytes: '/' comes before all else, so that every branch of the
/// topic tree lies in one piece.
struct topic_order {
  using is_transparent = void;

  /// Where a branch ends: behind its root and all topics that go on from it.
  struct end_of {
    std::string_view root;
  };

  bool operator()(std::string_view a, std::string_view b) const noexcept;
  bool operator()(std::string_view topic, end_of branch) const noexcept;
};

/// The last retained message of each topic [v5:MQTT-3.3.1-5]. A plain class; the broker owns it.
///
/// The topic tree is kept flat, in one ordered map: a search with wildcards jumps from branch to
/// branch, and a topic of 65 535 levels is no different from one of two.
class retained_messages {
public:
  struct limits {
    std::size_t count_max; ///< messages
    std::size_t bytes_max; ///< `message::size_bytes` of all of them
  };

  explicit retained_messages(limits bounds) : bounds_(bounds) {}
  retained_messages(const retained_messages&) = delete;
  retained_messages& operator=(const retained_messages&) = delete;

  enum class stored { kept, removed, over_limit };

  /// Keeps `value` for its topic in place of the last one; an empty payload removes that one and
  /// keeps nothing [v5:MQTT-3.3.1-6, MQTT-3.3.1-7]. Over a limit the last one stays.
  stored store(message_ptr value);

  /// Appends every message whose topic matches `filter` (no share name) to `out`, in the topics'
  /// order, without those that have expired, which are removed. Visits matching branches only.
  void match(std::string_view filter, time_point now, std::vector<message_ptr>& out);

  /// Removes what has expired. @returns how many
  std::size_t expire(time_point now);

  /// When `expire` has something to do next.
  std::optional<time_point> next_expiry() const;

  std::size_t size() const noexcept { return by_topic_.size(); }
  std::size_t size_bytes() const noexcept { return bytes_; }

private:
  using topic_map = std::map<std::string_view, message_ptr, topic_order>; ///< keys: the messages'
  using position = topic_map::iterator;

  position seek_match(std::string_view filter, position at);
  position erase(position at);

  topic_map by_topic_;
  std::set<std::pair<time_point, std::string_view>> by_expiry_;
  limits bounds_;
  std::size_t bytes_ = 0;
};

} // namespace actorbus
