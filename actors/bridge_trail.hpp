#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <actorbus/protocol/property.hpp>

namespace actorbus {

// How bridges keep messages from going round. A message carries the names of the buses that it
// has left over a bridge, in a user property: "a" at first, "a,b" after the next. It enters no bus
// whose name is there, and goes no further once there are too many.

/// The user property that a bridge puts into what it carries to a broker of MQTT 5.0.
inline constexpr std::string_view bridge_trail_property = "actorbus-trail";

/// The user property of a CONNECT: a bridge tells the name of the bus that it comes from; and of
/// the CONNACK: the bus tells its own, if it is one of these.
inline constexpr std::string_view bus_name_property = "actorbus-bus";

/// The value of the user property `name`; empty if there is none.
std::string_view user_property(protocol::properties_view properties,
                               std::string_view name) noexcept;

/// The names in a trail.
std::size_t trail_length(std::string_view trail) noexcept;

/// Whether `bus` is one of the names.
bool trail_has(std::string_view trail, std::string_view bus) noexcept;

} // namespace actorbus
