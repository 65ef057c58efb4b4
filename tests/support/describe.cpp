#include "describe.hpp"
#include "link_packet.hpp"

#include <cstdio>

namespace actorbus::test {

using conformance::packet;
using conformance::packet_type;

namespace {

const char* name_of(packet_type type) {
  constexpr const char* names[] = {"RESERVED", "CONNECT",  "CONNACK",    "PUBLISH", "PUBACK",      "PUBREC",
                                   "PUBREL",   "PUBCOMP",  "SUBSCRIBE",  "SUBACK",  "UNSUBSCRIBE", "UNSUBACK",
                                   "PINGREQ",  "PINGRESP", "DISCONNECT", "AUTH"};
  return names[static_cast<int>(type)];
}

std::string hex(std::uint8_t number) {
  char text[3];
  std::snprintf(text, sizeof text, "%02x", number);
  return text;
}

std::string properties_of(const packet& it) {
  std::string result;
  for (const auto& each : it.properties) {
    using namespace conformance::property_id;
    if (each.id == message_expiry_interval || each.id == subscription_identifier || each.id == topic_alias)
      result += (result.empty() ? "" : " ") + hex(each.id) + "=" + std::to_string(each.number());
  }
  return result.empty() ? result : " {" + result + "}";
}

std::string describe_publish(const packet& it) {
  auto result = "PUBLISH " + it.topic + " '" + it.payload + "'";
  if (it.qos() > 0)
    result += " q" + std::to_string(it.qos()) + " #" + std::to_string(it.id);
  if (it.dup())
    result += " dup";
  if (it.retain())
    result += " retain";
  return result + properties_of(it);
}

std::string describe_one(const packet& it) {
  std::string result = name_of(it.type);
  switch (it.type) {
  case packet_type::publish: return describe_publish(it);
  case packet_type::connack: return result + " " + hex(it.reason()) + (it.session_present ? " present" : "");
  case packet_type::auth:
    return result + " " + hex(it.reason()) + " " + it.text(0x15).value_or("-") + " '" + it.text(0x16).value_or("") +
           "'";
  case packet_type::disconnect: return result + " " + hex(it.reason());
  case packet_type::suback:
  case packet_type::unsuback:
    result += " #" + std::to_string(it.id);
    for (auto code : it.reasons)
      result += " " + hex(code);
    return result;
  case packet_type::puback:
  case packet_type::pubrec:
  case packet_type::pubrel:
  case packet_type::pubcomp:
    result += " #" + std::to_string(it.id);
    return it.reason() == 0 ? result : result + " " + hex(it.reason());
  default: return result;
  }
}

/// The size of a packet that only clients send, which the reader of a broker's packets does not take; 0 for others.
std::size_t size_of_clients_packet(std::span<const std::uint8_t> input) {
  const auto type = static_cast<packet_type>(input[0] >> 4);
  if (type != packet_type::connect && type != packet_type::subscribe && type != packet_type::unsubscribe &&
      type != packet_type::pingreq)
    return 0;
  std::size_t length = 0;
  std::size_t i = 1;
  for (int shift = 0;; shift += 7) {
    length |= static_cast<std::size_t>(input[i] & 0x7f) << shift;
    if ((input[i++] & 0x80) == 0)
      return i + length;
  }
}

} // namespace

std::string describe(std::span<const std::uint8_t> packets, conformance::version v) {
  std::string result;
  while (!packets.empty()) {
    if (const auto size = size_of_clients_packet(packets); size != 0) {
      result += (result.empty() ? "" : "; ") + std::string{name_of(static_cast<packet_type>(packets[0] >> 4))};
      packets = packets.subspan(size);
      continue;
    }
    auto next = conformance::read_packet(packets, v);
    if (!next)
      return result + " and the begin of a packet";
    result += (result.empty() ? "" : "; ") + describe_one(*next);
    packets = packets.subspan(next->raw.size());
  }
  return result;
}

} // namespace actorbus::test
