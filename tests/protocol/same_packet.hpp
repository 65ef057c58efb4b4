#pragma once

#include <actorbus/protocol/expected.hpp>
#include <actorbus/protocol/packets.hpp>

namespace actorbus::protocol {

/// Whether two packets say the same, field by field; views are compared by what they show.
bool is_same(const packet& a, const packet& b);

/// Reads one whole packet: `read_frame` and `decode`. An incomplete one is `errc::truncated`.
expected<packet, errc> read_packet(byte_view input, protocol_version version, sender from);

} // namespace actorbus::protocol
