#pragma once

#include <cstddef>
#include <string_view>

#include <actorbus/protocol/errc.hpp>

namespace actorbus::protocol {

/// Bounds that a server puts on names beyond the standard's 65 535 bytes.
struct topic_limits {
  std::size_t size_bytes_max = 65'535;
  std::size_t levels_max = 65'535;
};

/// Checks a topic name: not empty, no wildcards, no U+0000, within `limits`. UTF-8 is checked
/// where the string is read.
errc check_topic_name(std::string_view name, const topic_limits& limits = {}) noexcept;

/// Checks a topic filter: not empty, '#' last and alone in its level, '+' alone in its level; a
/// filter that begins with "$share/" must have a valid share name and a filter behind it.
errc check_topic_filter(std::string_view filter, const topic_limits& limits = {}) noexcept;

/// What filters of shared subscriptions begin with.
inline constexpr std::string_view share_prefix = "$share/";

/// The two parts of a filter: `$share/NAME/FILTER`, or all of it with an empty share name.
struct shared_filter {
  std::string_view share_name; ///< empty: not shared
  std::string_view filter;

  bool is_shared() const noexcept { return !share_name.empty(); }
};

/// Takes a valid filter apart. @pre `check_topic_filter(filter) == errc::none`
shared_filter split_share(std::string_view filter) noexcept;

/// Whether `filter` has a '+' or '#'. @pre a valid filter
bool has_wildcard(std::string_view filter) noexcept;

/// Whether a message to `name` is for a subscription to `filter`: by level, '+' one level, '#'
/// the rest and the parent; neither matches a first level that begins with '$'
/// [v5:MQTT-4.7.2-1]. Share names are not looked at.
/// @pre both are valid
bool matches(std::string_view filter, std::string_view name) noexcept;

/// Whether there is a topic that both filters match. Share names are not looked at.
/// @pre both are valid filters
bool overlap(std::string_view left, std::string_view right) noexcept;

/// Walks the levels of a name or filter: "a//b" has the levels "a", "" and "b".
class topic_levels {
public:
  explicit topic_levels(std::string_view name) noexcept : rest_(name) {}

  /// Moves on to the next level. @returns false behind the last
  bool next(std::string_view& level) noexcept {
    if (done_)
      return false;
    auto slash = rest_.find('/');
    if (slash == std::string_view::npos) {
      level = rest_;
      done_ = true;
    } else {
      level = rest_.substr(0, slash);
      rest_.remove_prefix(slash + 1);
    }
    return true;
  }

private:
  std::string_view rest_;
  bool done_ = false;
};

} // namespace actorbus::protocol
