#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include <actorbus/actors/bridge_names.hpp>
#include <actorbus/actors/caf.hpp>
#include <actorbus/actors/options.hpp>
#include <actorbus/actors/outbound_meter.hpp>
#include <actorbus/actors/router.hpp>
#include <actorbus/actors/statistics.hpp>

namespace actorbus {

/// What the actors of one bus share. Lives as long as the last of them.
struct bus_context {
  explicit bus_context(const limits& bounds) : bounds(bounds) {}

  const limits bounds;
  router subscriptions;
  statistics counters;
  /// Bytes on their way to all clients (see `outbound_meter`).
  std::shared_ptr<outbound_total> outbound = std::make_shared<outbound_total>();
  caf::actor timekeeper;
  caf::actor events;  ///< who publishes `bus_event`s; null before it is there
  caf::actor figures; ///< the figures board; null before it is there
  std::atomic<std::size_t> full_sessions{0}; ///< whose `subscriber::full` is set

  // Set before the first actor begins.
  caf::actor authenticator;         ///< of listeners that have none of their own; may be null
  std::string server_reference;     ///< not empty: clients of listeners are sent there
  bool server_moved = false;        ///< ... for good
  std::string response_information; ///< for clients that ask; `%c` and `%u` stand in it
  bool keep_left = false; ///< sessions tell the figures board of each connection that is over

  bridge_names bridges;
  std::atomic<std::size_t> authenticating{0}; ///< connections that wait to be let in
  std::atomic<std::uint64_t> attempts{0};     ///< authentications so far, for their numbers
  /// How bridges call this bus in the trails of messages: no other bus anywhere has the name.
  std::string trail_name;
};

using bus_context_ptr = std::shared_ptr<bus_context>;

} // namespace actorbus
