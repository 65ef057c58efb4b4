#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include <actorbus/actors/caf.hpp>
#include <actorbus/protocol/packets.hpp>

namespace actorbus {

struct session_counters;

/// One session as the routing table knows it. Made by the broker with the session, shared by all
/// of its subscriptions; sessions post to `actor` while they hold a `routing_guard`.
struct subscriber {
  caf::actor actor;                ///< the session
  std::uint64_t id = 0;            ///< unique for the life of the broker; No Local compares it
  std::atomic<bool> online{false}; ///< has a channel; shared groups prefer those that have
  /// Its queue takes no more QoS 1 and 2: publishers are told. Set by the session, now and then.
  std::atomic<bool> full{false};
  /// The session's own: there as long as `actor` is.
  const session_counters* counters = nullptr;
};

/// What a client asked for with one line of a SUBSCRIBE.
struct subscription_options {
  protocol::qos maximum_qos{};
  bool no_local = false;
  bool retain_as_published = false;
  protocol::retain_handling retain_handling{};
  std::uint32_t identifier = 0; ///< subscription identifier; 0: none

  bool operator==(const subscription_options&) const = default;
};

} // namespace actorbus
