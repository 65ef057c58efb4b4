#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/buffer.hpp>
#include <actorbus/protocol/expected.hpp>
#include <actorbus/protocol/packets.hpp>
#include <actorbus/protocol/reason_code.hpp>

namespace actorbus {

/// A message that came for a client. The views live as long as the value, or a copy of it: the
/// bytes themselves are shared with everyone else who got the message, and never change.
struct incoming_message {
  std::string_view topic;
  std::string_view payload;
  protocol::qos qos{};
  bool retain = false; ///< kept by the broker from before; false: live, published just now
  bool dup = false;
  protocol::properties_view properties;
  frame source;                      ///< keeps the bytes
  protocol::packet_id packet_id = 0; ///< 0 at QoS 0
  std::uint32_t connection = 0;      ///< counts the client's connections: for `acknowledge`
};

/// Bytes that `message` keeps in memory, for limits.
std::size_t size_bytes(const incoming_message& message) noexcept;

/// The same message for somebody who keeps it: copied where a few bytes would keep a large buffer.
incoming_message to_keep(const incoming_message& message);

/// Handles messages; called on the client's actor: must not block.
using message_handler = std::function<void(const incoming_message&)>;

/// How an operation came to its end.
enum class ending : std::uint8_t {
  regular,     ///< the peer has answered, or this side knows that it won't
  timed_out,   ///< not within the time that the caller gave
  cancelled,   ///< the caller wanted no more
  would_block, ///< it would have waited inside a handler, for what only the handler's end brings
  expired,     ///< the message's expiry interval was over before it could be sent
  unsettled,   ///< it was sent, and the answer never came: it may have arrived or not
};

/// What became of an operation: success, or the peer's reason code; without a link
/// `server_unavailable`.
struct outcome {
  protocol::reason_code code{};
  std::string text{};                         ///< the peer's reason string, or words of ours
  std::vector<protocol::reason_code> codes{}; ///< SUBSCRIBE and UNSUBSCRIBE: one a filter
  bool session_present = false;               ///< CONNECT
  std::string client_id{};                    ///< CONNECT: the one in use
  bool by_peer = false;                       ///< the broker said so; otherwise this side did
  ending how{};
  std::string response_information{}; ///< CONNECT: where the broker wants answers to go
  /// With `use_another_server` and `server_moved`: which one, in the broker's words.
  std::string server_reference{};

  explicit operator bool() const noexcept { return !protocol::is_error(code); }
};

/// A message, or why there will be none.
using received = protocol::expected<incoming_message, outcome>;

/// Called when an operation is over, on the client's actor: must not block.
using completion = std::function<void(outcome)>;

/// A client has no connection and will try again.
struct reconnect_notice {
  std::uint32_t attempt = 0; ///< the coming one; counts from 1 since the last connection
  std::chrono::milliseconds delay{};
  outcome why;
};

/// What a client tells its owner; called on the client's actor: must not block.
struct client_events {
  message_handler on_message;                          ///< what no subscription's handler takes
  std::function<void(const outcome&)> on_disconnected; ///< after the connection was up

  /// Asked before each message, if set. False drops it and leaves it unacknowledged, for a client
  /// that has enough and is about to disconnect: a session that is kept has it next time.
  std::function<bool()> accepts{};

  /// Asked after each frame, if set. True: the owner has more than it wants; what came counts as
  /// still on its way, so that the broker holds QoS 1 and 2 back, until `receive_more` is sent to
  /// the client.
  std::function<bool()> is_full{};

  std::function<void(const outcome&)> on_connected{}; ///< each time
  std::function<void(const outcome&)> on_ended{};     ///< the client is over; it was the last event
  std::function<void(const reconnect_notice&)> on_reconnecting{};

  /// What no operation can tell: a handler threw, a payload did not fit its type, a subscription was
  /// refused after a reconnect. Where it isn't set, a handler that throws ends the client, unless it
  /// throws `payload_error`.
  std::function<void(const outcome&)> on_fault{};
};

} // namespace actorbus
