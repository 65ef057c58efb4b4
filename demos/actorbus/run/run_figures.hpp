#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/bus_figures.hpp>

#include "run/run_outline.hpp"
#include "run/traffic_table.hpp"

namespace actorbus::demos {

/// The client that counts what flows for the view and the report; not one of the topology.
inline constexpr std::string_view observer_id = "$view";

/// What a running topology has done and how it is, at one moment.
struct run_figures {
  struct listener {
    std::string url;  ///< with the port that was bound
    std::string name; ///< as its clients' figures call it
    std::size_t connected = 0;
  };

  struct participant {
    run_outline::participant what;
    session_figures session; ///< all of its sessions, one after the other, in one
  };

  struct bridge {
    std::string name;
    std::vector<bridge_topic> topics;
    bool connected = false;
    std::string address;
    std::string last_error;
    std::uint64_t connections = 0;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t refused = 0;
    std::uint64_t dropped = 0;
    std::uint64_t looped = 0;
    std::uint64_t queued = 0; ///< in the bridge
    session_figures session;  ///< its client on this bus, where more waits
  };

  std::uint64_t seed = 0;
  std::chrono::milliseconds duration{};
  bus_figures bus; ///< its `clients` and `left` are in the lists below
  std::vector<listener> listeners;
  std::vector<participant> participants;
  std::vector<bridge> bridges;
  std::vector<session_figures> clients; ///< the others: who is here first, the busiest first
  std::size_t clients_left_off = 0;     ///< sessions that no list has
  std::vector<topic_figures> topics;    ///< the busiest first
  std::size_t topics_left_off = 0;
  std::uint64_t observed = 0; ///< messages to the observer, among those that were sent
};

/// Finds out whose sessions there are.
run_figures gather(const run_outline& outline, bus_figures bus);

} // namespace actorbus::demos
