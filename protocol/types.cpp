#include <actorbus/protocol/types.hpp>

#include <array>
#include <cstddef>

namespace actorbus::protocol {

namespace {

constexpr std::array<std::string_view, 16> packet_names{
    "reserved", "CONNECT",  "CONNACK",    "PUBLISH", "PUBACK",      "PUBREC",
    "PUBREL",   "PUBCOMP",  "SUBSCRIBE",  "SUBACK",  "UNSUBSCRIBE", "UNSUBACK",
    "PINGREQ",  "PINGRESP", "DISCONNECT", "AUTH"};

} // namespace

std::string_view to_string(packet_type type) noexcept {
  auto index = static_cast<std::size_t>(type);
  return index < packet_names.size() ? packet_names[index] : packet_names[0];
}

std::string_view to_string(protocol_version version) noexcept {
  switch (version) {
  case protocol_version::v3_1: return "3.1";
  case protocol_version::v3_1_1: return "3.1.1";
  case protocol_version::v5: return "5.0";
  }
  return "unknown";
}

} // namespace actorbus::protocol
