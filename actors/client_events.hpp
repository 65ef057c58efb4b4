#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/buffer.hpp>
#include <actorbus/protocol/packets.hpp>
#include <actorbus/protocol/reason_code.hpp>

namespace actorbus {

/// A message that came for a client. The views live as long as the value, or a copy of it: the
/// bytes themselves are shared with everyone else who got the message.
struct incoming_message {
  std::string_view topic;
  std::string_view payload;
  protocol::qos qos{};
  bool retain = false;
  bool dup = false;
  protocol::properties_view properties;
  frame source;                      ///< keeps the bytes
  protocol::packet_id packet_id = 0; ///< 0 at QoS 0
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

  explicit operator bool() const noexcept { return !protocol::is_error(code); }
};

/// Called when an operation is over, on the client's actor: must not block.
using completion = std::function<void(outcome)>;

/// What a client tells its owner; called on the client's actor: must not block.
struct client_events {
  std::function<void(const incoming_message&)> on_message;
  std::function<void(const outcome&)> on_disconnected; ///< after the connection was up

  /// Asked before each message, if set. False drops it and leaves it unacknowledged, for a client
  /// that has enough and is about to disconnect: a session that is kept has it next time.
  std::function<bool()> accepts{};
};

} // namespace actorbus
