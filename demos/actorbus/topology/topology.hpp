#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/client_options.hpp>
#include <actorbus/actors/options.hpp>
#include <actorbus/actors/permissions.hpp>
#include <actorbus/transports/transport_options.hpp>

#include "topology/bridge_settings.hpp"
#include "topology/failure_schedule.hpp"
#include "topology/participant.hpp"
#include "topology/participant_kinds.hpp"
#include "topology/setting.hpp"

namespace actorbus::demos {

struct listener_settings {
  std::string url;
  /// Whether clients without a name may come in; nothing: from this machine, if nobody is there to
  /// check names.
  std::optional<bool> allow_anonymous;
  bool identity_is_user = false; ///< the transport's word for the peer is its user name
  std::string password_file;     ///< empty: `auth_settings::password_file`
  std::shared_ptr<const permissions> allowed; ///< bounds on all its clients; may be null
  std::shared_ptr<const limits> own_limits;   ///< null: the bus's
  transports::listener_options transport{};
};

struct participant_settings {
  std::string name;
  std::string kind;
  std::string topic; ///< where it publishes, as the file has it; empty: the file doesn't say
  client_options client;
  std::unique_ptr<participant> role;
  /// Makes the role anew after it died, as often as that.
  std::function<std::unique_ptr<participant>(std::uint32_t life)> revive;
  std::vector<failure> failures;
  std::uint64_t failure_seed = 0;
  /// What may wait inside the participant until its client takes no more from the bus.
  std::size_t inbox_messages_max = 1000;
};

/// Who may come in, and what clients are told of it.
struct auth_settings {
  std::string password_file;    ///< of listeners that have none; empty: none
  std::string server_reference; ///< not empty: clients are sent there
  bool server_moved = false;
  std::optional<std::string> response_information;
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
  auth_settings auth;
  std::vector<listener_settings> listeners;
  std::vector<bridge_settings> bridges;
  std::vector<participant_settings> participants;
  std::optional<view_settings> view;
};

/// Makes a topology of a file's tables.
/// @param seed  used where the file has none
/// @param found gets all mistakes; the result is of no use if there are any
/// @param kinds of participants that the file may name
topology read_topology(const setting::table& file, const wall_clock& calendar, std::uint64_t seed,
                       faults& found, const participant_kinds& kinds = {});

/// Puts `SECTION.KEY=VALUE` into a file's tables, over what is there.
/// @throws user_error if it has another form
void override_setting(setting::table& file, std::string_view assignment);

} // namespace actorbus::demos
