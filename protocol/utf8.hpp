#pragma once

#include <string_view>

#include <actorbus/protocol/errc.hpp>

namespace actorbus::protocol {

/// Checks a UTF-8 encoded string by the standard's rules: well-formed by RFC 3629 (no overlong
/// forms, nothing above U+10FFFF), no surrogates, no U+0000. U+FEFF and the other
/// non-characters and control characters are let through, as the standard allows.
/// @returns errc::none, utf8_ill_formed [v5:MQTT-1.5.4-1] or utf8_null_character
///          [v5:MQTT-1.5.4-2]
errc check_utf8(std::string_view text) noexcept;

/// `check_utf8`, and no '+' or '#', in one pass. The empty name passes: 5.0 allows it.
/// @returns the causes of `check_utf8`, or topic_wildcard [v5:MQTT-3.3.2-2]
errc check_utf8_topic_name(std::string_view name) noexcept;

/// Whether a payload is what payload format indicator 1 says: well-formed UTF-8, in which U+0000
/// may stand, unlike in a string (5.0: 3.3.2.3.2).
bool is_utf8_payload(std::string_view payload) noexcept;

} // namespace actorbus::protocol
