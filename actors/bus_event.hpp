#pragma once

#include <cstdint>
#include <string>

#include <actorbus/actors/messages.hpp>

namespace actorbus {

/// Something that an operator may want to know of: a limit was hit, somebody was kept out.
struct bus_event {
  enum class kind : std::uint8_t {
    dropped, ///< messages were thrown away, by a limit, a permission or their expiry
    refused, ///< a CONNECT was answered with an error
    closed,  ///< the broker ended a connection with an error
  };

  kind what{};
  std::string client_id;
  std::string transport;
  std::string peer;
  std::string listener; ///< its URL; empty: none, a participant of the program
  protocol::reason_code code{};
  std::uint64_t count = 1; ///< so many since the last event of this kind
};

std::string_view to_string(bus_event::kind what) noexcept;

/// The event as one JSON object.
std::string to_json(const bus_event& event);

/// An event of a channel.
bus_event make_event(bus_event::kind what, const channel_info& channel, std::string_view client_id,
                     protocol::reason_code code, std::uint64_t count = 1);

/// To the event board: send me every event, as it is published.
struct watch_events {
  caf::actor watcher;
};

} // namespace actorbus

ACTORBUS_LOCAL_MESSAGE(actorbus::bus_event)
ACTORBUS_LOCAL_MESSAGE(actorbus::watch_events)
