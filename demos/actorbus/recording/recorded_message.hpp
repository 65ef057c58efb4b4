#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <actorbus/actors/client_events.hpp>
#include <actorbus/actors/client_options.hpp>
#include <actorbus/protocol/expected.hpp>

namespace actorbus::demos {

/// A message of a recording, and when it came.
struct recorded_message {
  std::chrono::microseconds time{}; ///< since 1970
  outgoing_message message;
};

/// Appends a line of a recording: a JSON object, with its line end. Its members are `t` (seconds
/// since 1970), `topic`, `payload` or, if that is no text, `base64`, and where they are not 0, false
/// or empty `qos`, `retain` and `properties`.
void append_recorded(std::string& out, const incoming_message& message,
                     std::chrono::microseconds time);

/// Reads such a line, without its end.
/// @returns the message, or what is wrong with the line
protocol::expected<recorded_message, std::string> parse_recorded(std::string_view line);

} // namespace actorbus::demos
