#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/protocol/packets.hpp>

namespace actorbus::testing {

enum class direction : std::uint8_t { to_bus, from_bus };

/// A packet that came to the link between a client and a bus.
struct recorded_packet {
  std::chrono::milliseconds at{}; ///< virtual time since the bus was made
  std::string client_id;          ///< empty: the broker was about to give one
  direction way{};
  protocol::packet_type type{};
  bool lost = false; ///< the link was cut here

  std::string topic; ///< PUBLISH: also where an alias stood for it
  std::string payload;
  protocol::qos quality{};
  bool retain = false;
  bool dup = false;
  protocol::property_list properties{};

  std::vector<std::string> filters{};         ///< SUBSCRIBE, UNSUBSCRIBE
  std::vector<protocol::reason_code> codes{}; ///< of what answers or ends: one, or one a filter
  protocol::packet_id packet_id = 0;          ///< 0 where there is none
};

/// Copies what is worth knowing of a packet.
recorded_packet record(const protocol::packet& packet, direction way);

/// One line, e.g. `1200 ms  sensor > PUBLISH rooms/kitchen "21.5" qos 1 retain`. `>` is to the bus;
/// bytes that are no printable ASCII are written as `\x..`.
std::string to_string(const recorded_packet& packet);

} // namespace actorbus::testing
