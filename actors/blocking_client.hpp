#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <actorbus/actors/client_events.hpp>
#include <actorbus/actors/client_options.hpp>

namespace caf {
class actor;
class actor_system;
} // namespace caf

namespace actorbus {

/// A client for plain C++: calls block until the broker has answered. Thread-safe; not to be used
/// inside an actor or a completion, which must not block.
class blocking_client {
public:
  /// Use `bus::connect` or a transport's `connect`, which know the gateway.
  blocking_client(caf::actor_system& system, const caf::actor& gateway,
                  const caf::actor& timekeeper, client_options options);
  ~blocking_client(); ///< disconnects
  blocking_client(blocking_client&&) noexcept;
  blocking_client& operator=(blocking_client&&) noexcept;

  /// What became of CONNECT.
  const outcome& connected() const noexcept;

  /// At QoS 0 returns when the message was handed on, at QoS 1 and 2 when the broker has it.
  outcome publish(std::string topic, std::string payload, protocol::qos quality = {},
                  bool retain = false);
  outcome publish(outgoing_message message);

  /// Hands a message on without waiting; what becomes of it is not told.
  void post(outgoing_message message);

  outcome subscribe(std::string filter, protocol::qos maximum = protocol::qos::exactly_once);
  outcome subscribe(std::vector<subscribe_options> filters,
                    protocol::property_list properties = {});
  outcome unsubscribe(std::vector<std::string> filters);

  /// The next message. At most `client_options::receive_maximum` wait here unread.
  /// @returns nothing if none came in time or the connection is gone
  std::optional<incoming_message> receive(std::chrono::milliseconds timeout);

  /// Whether the connection is up; after it was lost, why.
  std::optional<outcome> lost() const;

  outcome disconnect(protocol::reason_code reason = {}, protocol::property_list properties = {});

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace actorbus
