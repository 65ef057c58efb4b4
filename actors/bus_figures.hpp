#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/caf.hpp>
#include <actorbus/actors/session_figures.hpp>

namespace actorbus {

struct listener_policy;

/// Which sessions are looked at first, where there are too many for all.
enum class figures_order : std::uint8_t {
  rate,    ///< most messages a second, in and out
  queued,  ///< most QoS 1 and 2 messages that wait or are not yet answered
  dropped, ///< most messages lost
};

inline constexpr std::array figures_orders{figures_order::rate, figures_order::queued,
                                           figures_order::dropped};

std::string_view to_string(figures_order order) noexcept;

/// Where figures are published while somebody subscribes to exactly that: the order follows.
inline constexpr std::string_view figures_topic = "$SYS/broker/figures/";

/// Connections that came through one listener, now.
struct listener_figures {
  std::shared_ptr<const listener_policy> listener; ///< never null
  std::size_t connected = 0;
};

/// How a bus does, at one moment.
struct bus_figures {
  figures_order order{};
  std::chrono::milliseconds uptime{};
  traffic_figures totals;
  double in_per_second = 0;  ///< messages of all clients, of the last second or so
  double out_per_second = 0; ///< ...
  double bytes_in_per_second = 0;
  double bytes_out_per_second = 0;
  std::size_t sessions = 0; ///< with and without a connection
  std::size_t connected = 0;
  std::size_t subscriptions = 0;
  std::size_t retained_messages = 0;
  std::size_t stored_messages = 0; ///< QoS 1 and 2, of all sessions
  std::size_t stored_bytes = 0;
  std::vector<listener_figures> listeners; ///< that have connections, or have had them
  std::vector<session_figures> clients;    ///< the first ones of the order
  /// Connections that are over, the latest of each client, if the bus keeps them
  /// (`bus::options::keep_left`): without those whose session is among `clients`.
  std::vector<session_figures> left;
};

/// The figures as one JSON object, without `left`. Texts of clients' choice are cut to a length.
std::string to_json(const bus_figures& figures);

/// To the figures board (`bus::ask_figures`): how does the bus do? Answered by `bus_figures`.
struct ask_figures {
  caf::actor asker;
  figures_order order{};
  std::size_t clients_max = 100; ///< most that the answer lists
};

} // namespace actorbus

ACTORBUS_LOCAL_MESSAGE(actorbus::ask_figures)
ACTORBUS_LOCAL_MESSAGE(actorbus::bus_figures)
