#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <actorbus/actors/caf.hpp>

#include "topology/number_range.hpp"
#include "topology/settings_reader.hpp"

namespace actorbus::demos {

/// How a participant is; of several the worst counts, which comes last.
enum class condition : std::uint8_t {
  well,
  slow,         ///< takes its time for each message
  disconnected, ///< left in good order, keeps what it knows
  stopped,      ///< died: its connection is lost, what it knew is gone
};

std::string_view to_string(condition what) noexcept;

/// A failure of a participant as a file has it. What is a range is drawn anew each time.
struct failure {
  condition kind{};
  number_range after_seconds;              ///< of being well until it strikes
  std::optional<number_range> for_seconds; ///< how long it lasts; nothing: for ever
  std::uint64_t times_max = 0;             ///< how often it strikes; 0: again and again
  number_range message_seconds{0.1, 0.1};  ///< slow: what one message takes
};

/// The key `failure` of a participant: one table, or several.
std::vector<failure> read_failures(settings_reader& from);

/// When the failures of one participant strike and end.
class failure_schedule {
public:
  failure_schedule(const std::vector<failure>& failures, std::uint64_t seed);

  /// Time begins for it.
  void begin(time_point now);

  /// When to call `advance` next; nothing: no more.
  std::optional<time_point> next() const noexcept;

  /// Strikes and mends what is due.
  void advance(time_point now);

  condition now() const noexcept;

  /// How long a slow participant takes for its next message.
  duration message_time();

private:
  struct course {
    failure what;
    std::optional<time_point> next{};
    bool strikes = false; ///< it is on
    std::uint64_t times = 0;
  };

  duration draw(const number_range& seconds);
  void change(course& of, time_point at);

  std::vector<course> courses_;
  random_source chance_;
};

} // namespace actorbus::demos
