#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include <actorbus/actors/caf.hpp>
#include <actorbus/actors/options.hpp>
#include <actorbus/actors/outbound_meter.hpp>
#include <actorbus/actors/router.hpp>
#include <actorbus/actors/statistics.hpp>

namespace actorbus {

/// What the actors of one bus share. Lives as long as the last of them.
struct bus_context {
  explicit bus_context(const limits& bounds) : bounds(bounds) {}

  const limits bounds;
  router subscriptions;
  statistics counters;
  /// Bytes on their way to all clients (see `outbound_meter`).
  std::shared_ptr<outbound_total> outbound = std::make_shared<outbound_total>();
  caf::actor timekeeper;
};

using bus_context_ptr = std::shared_ptr<bus_context>;

} // namespace actorbus
