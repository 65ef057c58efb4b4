#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include <actorbus/actors/bus_figures.hpp>
#include <actorbus/actors/caf.hpp>
#include <actorbus/actors/messages.hpp>

namespace actorbus {

/// Finds the first few of very many sessions. It is shown all of them time and again, and keeps of
/// each what its rate is made of: some 100 bytes, until `clear`.
class session_ranking {
public:
  /// Messages a second.
  struct rates {
    double in = 0;
    double out = 0;
  };

  /// Begins a look at all sessions. Rates are of the time between two looks that are `window`
  /// apart at least; looks in between see the rates of before.
  void begin(time_point now);

  /// Of a session that is shown twice in a look the second counts.
  void add(const surveyed_session& session);

  /// Ends the look: sessions that were not shown are forgotten.
  void end();

  /// @returns subscriber identifiers, the first ones of the order in theirs
  std::vector<std::uint64_t> first(figures_order order, std::size_t most) const;

  rates rates_of(std::uint64_t subscriber_id) const;

  void clear();

private:
  static constexpr std::chrono::milliseconds window{900};

  struct record {
    surveyed_session now;
    std::uint64_t in_before = 0; ///< at the window's begin
    std::uint64_t out_before = 0;
    rates rate;
    std::uint32_t look = 0;
  };

  static double key_of(const record& of, figures_order order) noexcept;

  std::unordered_map<std::uint64_t, record> records_;
  std::uint32_t look_ = 0;
  time_point window_begin_{}; ///< zero: there was no look yet
  double seconds_ = 0;        ///< of the window that this look ends; 0: it ends none
};

} // namespace actorbus
