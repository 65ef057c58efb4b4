#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <actorbus/transports/transport_options.hpp>

#include "topology/settings_reader.hpp"

namespace actorbus::demos {

/// Reads the keys of a `[[listener]]` that are its transport's. One that the transport has no use
/// for is a mistake.
/// @param scheme of its URL
transports::listener_options read_transport_options(settings_reader& from, std::string_view scheme);

/// "1.2", "1.3", also as mosquitto has it, "tlsv1.2". @returns nothing for other texts
std::optional<transports::tls_version> parse_tls_version(std::string_view text);

/// "0660", "660" or "0o660" as a number. @returns nothing for other texts
std::optional<std::uint32_t> parse_mode(std::string_view text);

} // namespace actorbus::demos
