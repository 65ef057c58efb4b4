#pragma once

#include <string>
#include <utility>
#include <vector>

#include <actorbus/actors/bus_context.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/protocol/packets.hpp>

namespace actorbus {

/// Why a CONNECT is refused, and what the client is told.
struct refusal {
  protocol::reason_code code{};
  std::string reason_string{};    ///< 5.0 only, like the rest
  std::string server_reference{}; ///< with 0x9C and 0x9D
  std::vector<std::pair<std::string, std::string>> user_properties{};
};

/// Answers a CONNECT with CONNACK and closes its channel. Reason string and user properties are
/// left out where they would make the packet larger than the client takes [v5:MQTT-3.2.2-19]
/// [v5:MQTT-3.2.2-20].
/// @param packet  of whom only `version` and `properties` are looked at
/// @param context where the caller runs
void refuse_connect(bus_context& bus, const channel_info& channel, const protocol::connect& packet,
                    const refusal& why, caf::execution_unit* context);

/// Decodes the CONNECT of a frame that holds one and was looked at before.
protocol::connect read_connect(const frame& connect);

} // namespace actorbus
