#pragma once

#include "channels.hpp"

#include <actorbus/transports/stream.hpp>

/// Who stands between client and broker and changes how bytes come, never which.
namespace actorbus::conformance {

/// How bytes are torn: into pieces of 1 to `piece_max` bytes, by a seeded choice; with pauses, reads and writes find
/// nothing to do now and then though there is.
struct tearing {
  std::size_t piece_max = 1;
  unsigned seed = 1;
  bool pauses = false;
};

/// Hands on what the client writes piece by piece.
std::unique_ptr<wire> tear(std::unique_ptr<wire> whole, tearing how);

/// Every wire of the channel's buses torn.
bus_factory torn(const bus_factory& channel, tearing how);

/// What the broker reads and writes at its end goes piece by piece.
std::unique_ptr<transports::stream> tear(std::unique_ptr<transports::stream> whole, tearing how);

/// TCP with both sides torn: each packet is cut on its way in and on its way out.
bus_factory torn_tcp_channels(tearing how);

} // namespace actorbus::conformance
