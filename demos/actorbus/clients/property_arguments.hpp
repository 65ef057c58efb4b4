#pragma once

#include <string>
#include <vector>

#include <actorbus/actors/client_options.hpp>
#include <actorbus/protocol/property.hpp>

namespace actorbus::demos {

/// The properties that a user gives a client's packets.
struct packet_properties {
  protocol::property_list connect;
  protocol::property_list publish;
  protocol::property_list subscribe;
  protocol::property_list disconnect;
  protocol::property_list will;
};

/// Reads one `-D COMMAND NAME VALUE` (of a user property `-D COMMAND user-property NAME VALUE`).
/// Properties of CONNECT that the client itself heeds go to `options`.
/// @throws user_error with the nearest valid name
void add_property(const std::vector<std::string>& words, packet_properties& into,
                  client_options& options);

} // namespace actorbus::demos
