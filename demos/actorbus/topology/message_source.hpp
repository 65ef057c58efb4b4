#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "topology/message_settings.hpp"
#include "topology/publishing_rhythm.hpp"
#include "topology/value_functions.hpp"

namespace actorbus::demos {

/// Messages in a rhythm, each with values of its own: the keys of `message_template`, with `n`,
/// `time`, `name` and `value`, those of `publishing_rhythm`, `value`, `count` and `after_s`.
class message_source {
public:
  static constexpr std::size_t at_once_max = 10'000;

  message_source(settings_reader& from, const participant_context& context);

  /// The first one is due, or `after_s` later.
  void begin(time_point now);

  /// Makes what is due.
  /// @returns when to call again; nothing: there are no more
  std::optional<time_point> make_due(time_point now, std::vector<outgoing_message>& into);

private:
  message_template read_message(settings_reader& from);
  void make(std::vector<outgoing_message>& into);

  value_functions functions_;
  message_template message_;
  publishing_rhythm rhythm_;
  std::uint64_t left_;
  duration after_; ///< the first message
  random_source chance_;
  wall_clock calendar_;
  std::string name_;
  std::uint64_t made_ = 0;
  std::vector<expression_value> values_; ///< here to keep its memory
  time_point began_{};
  time_point due_{};
};

} // namespace actorbus::demos
