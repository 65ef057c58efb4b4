#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <actorbus/actors/bridge_topics.hpp>
#include <actorbus/actors/queue_limits.hpp>
#include <actorbus/protocol/types.hpp>

namespace actorbus {

/// How one bus is bridged to one remote broker.
struct bridge_options {
  /// In `$SYS/broker/connection/NAME/…`, in the client identifiers, in errors. No '/', '+', '#'.
  std::string name;
  /// URLs of the remote broker, the preferred one first; the others are tried in turn while it
  /// can't be reached.
  std::vector<std::string> addresses;
  std::vector<bridge_topic> topics;

  // -- the remote broker's client ---------------------------------------------------------------
  /// Which MQTT it speaks; none: 5.0, or 3.1.1 with an address that knows no 5.0.
  std::optional<protocol::protocol_version> version;
  std::string client_id; ///< empty: "NAME.bridge"
  std::optional<std::string> user_name;
  std::optional<std::string> password;
  std::uint16_t keep_alive_seconds = 60; ///< a cut that nobody reports is noticed in 1.5 of it
  /// The remote keeps no session: what it has for us while the link is down is lost, and QoS 2
  /// may deliver twice after a cut.
  bool clean_session = false;
  std::uint32_t session_expiry_seconds = 7 * 24 * 3600; ///< of the remote session; 5.0
  /// Tells 3.1 and 3.1.1 brokers by the top bit of the protocol level that this is a bridge, as
  /// mosquitto's do: they then send nothing back and leave the retain flag as it is. Left out
  /// once a broker has refused it.
  bool try_private = true;
  /// Where the remote broker learns, retained, whether the bridge is up ("1" or "0"); empty: it
  /// doesn't.
  std::string remote_state_topic;

  // -- on demand, for topics that say so -------------------------------------------------------
  /// A subscription at the remote broker ends so long after the last local one that wanted it.
  std::chrono::milliseconds unsubscribe_after{30'000};
  /// Filters that may be wanted at a time; beyond it all of the bridge topic is subscribed to.
  std::size_t demand_filters_max = 256;

  // -- loops ------------------------------------------------------------------------------------
  /// How the remote broker is called in the trails of messages; empty: what it says itself, or
  /// else its first address. Bridges that share a foreign broker must agree on it.
  std::string remote_name;
  bool trail = true;          ///< mark messages for brokers of 5.0, so that they don't go round
  std::uint16_t hops_max = 8; ///< bridges that a message may cross

  // -- what waits -------------------------------------------------------------------------------
  /// QoS 1 and 2 messages of the local bus that wait for the remote broker. One message more is
  /// taken out of the queue for each that is on its way (`inflight_max`).
  queue_limits queue{100'000, 64 * 1024 * 1024, queue_overflow::drop_newest};
  /// QoS 1 and 2 messages on their way at a time, in each direction; 1 to 65 535. A remote broker
  /// of 5.0 may ask for less.
  std::uint16_t inflight_max = 1'024;
  std::size_t credit_bytes = 1024 * 1024; ///< on their way to one side before the other waits
  std::uint32_t packet_size_bytes_max = 16 * 1024 * 1024; ///< largest packet from the remote

  // -- when -------------------------------------------------------------------------------------
  /// Dials when the first message for the remote comes, and hangs up after `idle_timeout`.
  bool lazy = false;
  std::chrono::milliseconds idle_timeout{60'000};
  std::chrono::milliseconds connect_timeout{10'000};
  /// Pause before the addresses are tried again: at first, and at most; doubled each time, of
  /// which a random part of up to a half is left off.
  std::chrono::milliseconds retry_min{1'000};
  std::chrono::milliseconds retry_max{60'000};
  /// So often a bridge that is connected to another than the first address goes back to that
  /// one, when nothing is on its way; 0: never.
  std::chrono::milliseconds return_interval{300'000};
  /// So often queue and counters are published, if they have changed; 0: never.
  std::chrono::milliseconds report_interval{10'000};
};

/// All mistakes in `options`; none: a bridge can be made of them.
std::vector<bridge_fault> check(const bridge_options& options);

} // namespace actorbus
