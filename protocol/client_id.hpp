#pragma once

#include <actorbus/protocol/errc.hpp>
#include <actorbus/protocol/packets.hpp>

namespace actorbus::protocol {

/// Checks a CONNECT's client identifier by its version's rules. The decoder lets every string
/// pass, because the server answers a bad one with a CONNACK instead of just closing.
/// @returns client_id_empty: always in 3.1, without clean session in 3.1.1 [v3:MQTT-3.1.3-8],
///          never in 5.0. Longer ones than the 23 characters of 3.1 pass, as real servers let them.
errc check_client_id(const connect& value) noexcept;

} // namespace actorbus::protocol
