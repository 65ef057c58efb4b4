#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/client_options.hpp>
#include <actorbus/actors/options.hpp>
#include <actorbus/transports/transport_options.hpp>

#include "topology/participant.hpp"
#include "topology/setting.hpp"

namespace actorbus::demos {

struct listener_settings {
  std::string url;
  bool allow_anonymous = false; ///< from other machines
  transports::listener_options transport{};
};

struct participant_settings {
  std::string name;
  client_options client;
  std::unique_ptr<participant> role;
};

/// The table of what flows.
struct view_settings {
  std::vector<std::string> filters{"#"};
  std::chrono::milliseconds interval{1000};
  std::uint32_t rows = 12;
};

/// What one process runs.
struct topology {
  actorbus::limits limits;
  std::uint32_t io_threads = 1;
  std::uint32_t status_interval_seconds = status_interval_seconds_default;
  std::uint64_t seed = 0; ///< never 0 once it is read
  std::vector<listener_settings> listeners;
  std::vector<participant_settings> participants;
  std::optional<view_settings> view;
};

/// Makes a topology of a file's tables.
/// @param seed  used where the file has none
/// @param found gets all mistakes; the result is of no use if there are any
topology read_topology(const setting::table& file, const wall_clock& calendar, std::uint64_t seed,
                       faults& found);

/// Puts `SECTION.KEY=VALUE` into a file's tables, over what is there.
/// @throws user_error if it has another form
void override_setting(setting::table& file, std::string_view assignment);

} // namespace actorbus::demos
