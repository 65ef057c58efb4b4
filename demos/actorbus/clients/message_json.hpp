#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clients/message_format.hpp"

namespace actorbus::demos {

/// Appends a message as a JSON object with mosquitto_sub's names.
/// @param payload_is_json take the payload as JSON; otherwise as a string, or as an array of
///                        numbers if it isn't UTF-8
/// @param pretty          over several lines
/// @returns false if the payload should be JSON and isn't; nothing is appended then
bool append_json(std::string& out, const timed_message& what, bool payload_is_json, bool pretty);

/// JSON text without its blanks.
/// @returns nothing if `text` is not one JSON value
std::optional<std::string> compact_json(std::string_view text);

/// Spreads JSON text without blanks over several lines, with tabs.
std::string pretty_json(std::string_view compact);

} // namespace actorbus::demos
