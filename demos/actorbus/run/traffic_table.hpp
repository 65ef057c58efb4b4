#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/caf.hpp>

namespace actorbus::demos {

/// The totals above the table.
struct traffic_totals {
  std::uint64_t clients = 0;
  std::uint64_t received = 0; ///< messages from clients so far
  std::uint64_t sent = 0;     ///< messages to clients so far
  std::uint64_t dropped = 0;
};

/// Counts what flows, by topic, and writes it as text.
class traffic_table {
public:
  void add(std::string_view topic, std::string_view payload);

  /// Ends an interval: rates are of the time since the last call.
  void tick(time_point now, const traffic_totals& totals);

  /// The table as the last `tick` saw it, headed by a line of totals.
  /// @param columns of the terminal
  std::vector<std::string> paint(std::size_t rows, std::size_t columns) const;

  /// The same for a log: totals, then the topics that had messages since the last `tick`.
  std::vector<std::string> report(std::size_t rows) const;

private:
  /// More topics than this are counted together.
  static constexpr std::size_t topics_max = 10'000;
  static constexpr std::size_t payload_bytes_max = 200;

  struct row {
    std::uint64_t count = 0;
    std::uint64_t counted = 0; ///< up to the last tick
    double rate = 0;
    std::string payload; ///< the last one's front
  };
  using rows = std::map<std::string, row, std::less<>>;

  std::vector<const rows::value_type*> chosen(std::size_t most, bool only_busy) const;
  std::string headline() const;

  rows rows_;
  row others_;
  traffic_totals totals_;
  double received_rate_ = 0;
  double sent_rate_ = 0;
  time_point begin_{};
  time_point last_{};
};

} // namespace actorbus::demos
