#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/caf.hpp>

#include "view/section.hpp"

namespace actorbus::demos {

/// The totals above the table.
struct traffic_totals {
  std::uint64_t clients = 0;
  std::uint64_t received = 0; ///< messages from clients so far
  std::uint64_t sent = 0;     ///< messages to clients so far
  std::uint64_t dropped = 0;
};

/// What has flowed by one topic.
struct topic_figures {
  std::string topic;
  std::uint64_t messages = 0;
};

/// Counts what flows, by topic, and writes it as text.
class traffic_table {
public:
  void add(std::string_view topic, std::string_view payload);

  /// Ends an interval. Rates are of the last 5 to 10 seconds, or less at the beginning.
  void tick(time_point now, const traffic_totals& totals);

  /// The table as the last `tick` saw it, headed by a line of totals.
  /// @param columns of the terminal
  std::vector<std::string> paint(std::size_t rows, std::size_t columns) const;

  /// The line of totals, and the topics below it.
  std::string headline() const;
  section topics(std::size_t rows) const;

  /// The topics with the most messages, those first.
  std::vector<topic_figures> busiest(std::size_t most) const;
  std::size_t size() const noexcept { return rows_.size(); }

  /// The same as `paint` for a log: totals, then the topics that had messages since the last `tick`.
  std::vector<std::string> report(std::size_t rows) const;

private:
  /// More topics than this are counted together.
  static constexpr std::size_t topics_max = 10'000;
  static constexpr std::size_t payload_bytes_max = 200;

  static constexpr std::chrono::seconds rate_window{5};

  /// Something that is counted, with its rate.
  struct tally {
    std::uint64_t count = 0;
    std::uint64_t at_begin = 0;  ///< of the window
    std::uint64_t at_middle = 0; ///< becomes the next window's begin
    double rate = 0;
  };
  struct row : tally {
    std::uint64_t shown = 0; ///< count at the last tick
    bool is_busy = false;    ///< something came between the last two ticks
    std::string payload;     ///< the last one's front
  };
  using rows = std::map<std::string, row, std::less<>>;

  std::vector<const rows::value_type*> chosen(std::size_t most, bool only_busy) const;

  rows rows_;
  std::uint64_t others_ = 0; ///< messages of topics beyond `topics_max`
  traffic_totals totals_;
  tally received_;
  tally sent_;
  time_point begin_{};
  time_point last_{};
  time_point window_begin_{};
  time_point window_middle_{};
};

} // namespace actorbus::demos
