#pragma once

#include <string_view>

#include <actorbus/transports/transport_options.hpp>

#include "topology/settings_reader.hpp"

namespace actorbus::demos {

/// Reads the keys of a `[[listener]]` that are its transport's. One that the transport has no use
/// for is a mistake.
/// @param scheme of its URL
transports::listener_options read_transport_options(settings_reader& from, std::string_view scheme);

/// "0660", "660" or "0o660" as a number. @returns nothing for other texts
std::optional<std::uint32_t> parse_mode(std::string_view text);

} // namespace actorbus::demos
