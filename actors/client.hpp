#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <actorbus/actors/client_options.hpp>
#include <actorbus/actors/operation.hpp>
#include <actorbus/actors/prepared_message.hpp>

namespace actorbus {

struct client_setup;

/// A client of a bus or of a broker, for programs that don't know actors. Thread-safe.
///
/// Each call begins something and returns an `operation`, to be waited for, to be given a callback,
/// to be `co_await`ed, or to be dropped:
///
///     client.publish("rooms/kitchen", "21.5", qos::at_least_once).get();
///
/// Operations of one client take effect in the order in which they were begun. Each ends exactly
/// once, at the latest when the client does. Handlers and callbacks run on the client's actor, one
/// at a time: they must not block, and may call anything of the client; `get` and its like, which
/// would wait for themselves there, are refused.
class client {
public:
  /// Holds no client: there is nothing that one could do with it but assign.
  client() noexcept = default;

  /// Spawns the client's actor. `bus::make_client` and its like know what belongs into `setup`,
  /// whose events are called besides what this class does.
  client(caf::actor_system& system, client_setup setup);

  /// Disconnects in good order: waits until what was published is answered, at most for
  /// `client_options::leave_timeout`; inside a handler it doesn't wait.
  ~client();
  client(client&&) noexcept = default;
  client& operator=(client&& other) noexcept;

  /// Connects. Once; with `client_options::reconnect` the client comes back by itself from then on.
  operation<outcome> connect();

  /// What `connect` came to, or the last reconnect.
  outcome connected() const;

  /// Why there is no connection, after there was one or when the client is over.
  std::optional<outcome> lost() const;

  /// Over at QoS 0 when the message was handed on, at QoS 1 and 2 when the broker has acknowledged
  /// it, with its reason code.
  operation<outcome> publish(std::string topic, std::string payload, protocol::qos quality = {},
                             bool retain = false);
  operation<outcome> publish(outgoing_message message);

  /// The same for bytes that the caller keeps: copied once, to where they are sent from, before
  /// this returns.
  operation<outcome> publish(const outgoing_message& head, std::span<const std::byte> payload);

  /// A message whose payload the caller writes where it is sent from, for no copy at all: write
  /// `prepared_message::payload()`, then publish it.
  /// @param head its payload is not looked at
  prepared_message prepare(const outgoing_message& head, std::size_t payload_size) const;
  operation<outcome> publish(prepared_message message);

  /// Hands a message on; what becomes of it is not told. A little cheaper than to drop an operation.
  void post(outgoing_message message);

  /// What comes for `filter` is for `handler`; without one it is for `receive`, or for
  /// `client_events::on_message` if that is set. Filters of a client may overlap: each handler gets
  /// a message once. A filter that was subscribed before is replaced, with its handler.
  operation<outcome> subscribe(std::string filter,
                               protocol::qos maximum = protocol::qos::exactly_once);
  operation<outcome> subscribe(std::string filter, message_handler handler,
                               protocol::qos maximum = protocol::qos::exactly_once);
  operation<outcome> subscribe(subscribe_options filter, message_handler handler = {});
  operation<outcome> subscribe(std::vector<subscribe_options> filters,
                               protocol::property_list properties = {},
                               message_handler handler = {});

  operation<outcome> unsubscribe(std::string filter);
  operation<outcome> unsubscribe(std::vector<std::string> filters);

  /// The next message that no handler takes. What waits unread is bounded by
  /// `client_options::inbox_messages_max` and `inbox_bytes_max`: more of QoS 0 is dropped, more of
  /// QoS 1 and 2 waits at the broker. Waiting there, it also keeps the broker's answers from being
  /// read: who publishes should receive, too.
  /// @returns fails when the client is over and nothing is left
  operation<received> receive();

  /// Blocks for the next message.
  /// @returns nothing if none came in time or the client is over; inside a handler at once
  std::optional<incoming_message> receive(std::chrono::milliseconds timeout);

  /// Messages of QoS 0 that found the inbox full.
  std::uint64_t dropped() const;

  /// Gives back a message that was subscribed with `manual_acknowledgement`.
  /// @param code an error refuses it for good (MQTT 5.0)
  void acknowledge(const incoming_message& message, protocol::reason_code code = {});

  /// Authenticates anew by `client_options::authentication`, while messages go on. Over when the
  /// broker is content; where it isn't it ends the connection.
  operation<outcome> reauthenticate();

  /// Ends the client in good order. Over when what was asked before is answered, or after
  /// `client_options::leave_timeout`: then with `ending::timed_out` if something was left behind,
  /// whose own operations tell what is known of it.
  operation<outcome> disconnect(protocol::reason_code reason = {},
                                protocol::property_list properties = {});

  /// The same with a time-out of its own; 0: what isn't answered now is left behind.
  operation<outcome> close(std::chrono::milliseconds timeout);

  /// Ends the client at once, as if its program had died: the broker sends its will.
  void abort();

  /// For those who know actors: takes the requests of client_requests.hpp. @pre not empty
  const caf::actor& actor() const noexcept;

  explicit operator bool() const noexcept { return core_ != nullptr; }

private:
  struct core;
  std::shared_ptr<core> core_;
};

} // namespace actorbus
