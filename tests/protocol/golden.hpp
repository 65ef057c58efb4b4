#pragma once

#include <string>
#include <vector>

#include <actorbus/protocol/encode.hpp>
#include <actorbus/protocol/packets.hpp>

#include "support/notation.hpp"

namespace actorbus::protocol {

using conformance::byte_vector;
using conformance::bytes;

/// Bytes that depend on the version: `~` is an empty property list in 5.0 and nothing before.
inline byte_vector in(protocol_version version, std::string_view text) {
  return conformance::exact(conformance::parse_notation(text, static_cast<conformance::version>(version)));
}

/// Bytes written by hand from the standard, and the packet that they are: both directions.
struct golden {
  std::string says; ///< what the bytes show, with the statement or section
  protocol_version version;
  sender from;
  byte_vector encoded;
  packet value;
};

/// All golden packets, made once.
const std::vector<golden>& golden_packets();

// The parts of `golden_packets`, each in its own file.
std::vector<golden> golden_connects();
std::vector<golden> golden_publishes();
std::vector<golden> golden_acknowledgements();
std::vector<golden> golden_subscriptions();
std::vector<golden> golden_connection_packets();

// Packets are views: these keep what they look at until the program ends.
properties_view keep(property_list list);
byte_view keep_bytes(std::string_view notation);
entry_list<subscription> keep_entries(protocol_version version, std::vector<subscription> entries);
entry_list<std::string_view> keep_filters(std::vector<std::string_view> filters);

inline constexpr auto v3_1 = protocol_version::v3_1;
inline constexpr auto v3_1_1 = protocol_version::v3_1_1;
inline constexpr auto v5 = protocol_version::v5;

} // namespace actorbus::protocol
