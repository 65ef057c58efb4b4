#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/bus_figures.hpp>

#include "view/client_table.hpp"

namespace actorbus::demos {

/// What a broker tells of itself below `$SYS/broker/`, as a picture: this program's figures, and
/// what mosquitto and others with its names have.
class broker_view {
public:
  /// @param title in front of all: the broker
  explicit broker_view(std::string title) : title_(std::move(title)) {}

  /// Takes a message; others than those of interest are ignored.
  void take(std::string_view topic, std::string_view payload);

  /// The broker tells of its clients.
  bool has_figures() const noexcept { return figures_.has_value(); }

  void order(client_order by) { order_ = by; }
  client_order order() const noexcept { return order_; }

  /// A connection has begun: what the last one said is no longer so.
  void reset();

  /// Said instead of the first line's end, e.g. that the connection is lost; empty: nothing.
  void note(std::string text) { note_ = std::move(text); }

  /// @param keys what the keyboard does, for the last line; empty: none
  std::vector<std::string> paint(std::size_t rows, std::size_t columns,
                                 std::string_view keys = {}) const;

  /// The same for a log.
  std::vector<std::string> report(std::size_t clients) const;

private:
  /// Topics and bytes of each that are kept: a broker may say anything.
  static constexpr std::size_t values_max = 1'000;
  static constexpr std::size_t value_bytes_max = 200;

  /// What the figures know of messages or bytes.
  struct traffic_line_figures {
    double in = 0;
    double out = 0;
    double in_rate = 0; ///< a second
    double out_rate = 0;
  };

  using values = std::map<std::string, std::string, std::less<>>;

  std::string_view value(std::string_view name) const;
  std::optional<double> number(std::string_view name) const;
  std::vector<std::string> headlines() const;
  /// @param total where the broker tells the count, and `load` the same a minute
  std::string traffic_line(std::string_view what, std::string_view total, std::string_view load,
                           const traffic_line_figures& known) const;
  section bridges() const;
  section listeners() const;

  std::string title_;
  std::string note_;
  client_order order_ = client_order::rate;
  std::optional<bus_figures> figures_;
  values values_; ///< by the topic behind "$SYS/broker/"
};

} // namespace actorbus::demos
