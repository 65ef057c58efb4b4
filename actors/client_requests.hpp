#pragma once

// What one may ask a client's actor, and what it tells its owner.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <actorbus/actors/caf.hpp>
#include <actorbus/actors/client_events.hpp>
#include <actorbus/actors/client_options.hpp>
#include <actorbus/actors/prepared_message.hpp>

namespace actorbus {

// -- to the client -------------------------------------------------------------------------------
//
// Each request ends exactly once: its `done`, if there is one, is called on the client's actor. Sent
// with CAF's `request` it is answered by an `outcome` message besides. A client that has ended drops
// what is posted to it; CAF answers a `request` to it with an error.

/// Connect. With `client_options::reconnect` it goes on until the broker welcomes the client or
/// turns it away for good. What is asked meanwhile waits.
struct connect_request {
  completion done;
};

/// Publish. Over at QoS 0 when the message was handed on, within the client's credit; at QoS 1 and
/// 2 when the broker has acknowledged it.
struct publish_request {
  outgoing_message message;
  completion done;
};

/// Publish what was written into its place already.
struct publish_prepared {
  prepared_message message;
  completion done;
};

/// Subscribe, with one SUBSCRIBE. A message that matches several of the filters is handled once.
/// Filters that were subscribed before are replaced, with their handler [v5:MQTT-3.8.4-3].
struct subscribe_filters {
  std::vector<subscribe_options> filters;
  protocol::property_list properties{};
  completion done;
  message_handler handler{}; ///< none: `client_events::on_message`
};

struct unsubscribe_filters {
  std::vector<std::string> filters;
  completion done;
};

/// Disconnect in good order, and end. Over when all that was asked before it is answered, or, with
/// `ending::timed_out`, when the time is over and something was left behind.
struct disconnect_request {
  protocol::reason_code reason{};
  protocol::property_list properties{};
  completion done;
  std::optional<std::chrono::milliseconds> timeout{}; ///< none: `client_options::leave_timeout`
};

/// Authenticate anew, by the method of the options. Over when the broker is content; where it isn't
/// it ends the connection.
struct reauthenticate_request {
  completion done;
};

/// A message that was subscribed with `manual_acknowledgement` has been dealt with. One of an
/// earlier connection is ignored: the broker sends that again.
struct acknowledge_message {
  protocol::packet_id packet_id = 0;
  std::uint32_t connection = 0;
  protocol::reason_code code{}; ///< an error refuses the message for good (MQTT 5.0)
};

/// The owner has room again: see `client_events::is_full`.
struct receive_more {};

/// Call this on the client's actor, later. Dropped with the client.
struct call_later {
  std::chrono::milliseconds delay{};
  std::function<void()> what;
};

// -- to the owner --------------------------------------------------------------------------------
//
// An actor that owns a client gets `incoming_message` for what comes, and these.

struct client_connected {
  outcome result; ///< with `session_present` and the client identifier in use
};

struct client_disconnected {
  outcome why;
};

struct client_reconnecting {
  reconnect_notice notice;
};

/// The client is over: its last message.
struct client_ended {
  outcome why; ///< success after a `disconnect_request`
};

/// See `client_events::on_fault`.
struct client_fault {
  outcome what;
};

/// The events of a client, as messages to the actor that owns it.
client_events events_to(const caf::actor& owner);

} // namespace actorbus

ACTORBUS_LOCAL_MESSAGE(actorbus::outcome)
ACTORBUS_LOCAL_MESSAGE(actorbus::incoming_message)
ACTORBUS_LOCAL_MESSAGE(actorbus::connect_request)
ACTORBUS_LOCAL_MESSAGE(actorbus::publish_request)
ACTORBUS_LOCAL_MESSAGE(actorbus::publish_prepared)
ACTORBUS_LOCAL_MESSAGE(actorbus::subscribe_filters)
ACTORBUS_LOCAL_MESSAGE(actorbus::unsubscribe_filters)
ACTORBUS_LOCAL_MESSAGE(actorbus::disconnect_request)
ACTORBUS_LOCAL_MESSAGE(actorbus::reauthenticate_request)
ACTORBUS_LOCAL_MESSAGE(actorbus::acknowledge_message)
ACTORBUS_LOCAL_MESSAGE(actorbus::receive_more)
ACTORBUS_LOCAL_MESSAGE(actorbus::call_later)
ACTORBUS_LOCAL_MESSAGE(actorbus::client_connected)
ACTORBUS_LOCAL_MESSAGE(actorbus::client_disconnected)
ACTORBUS_LOCAL_MESSAGE(actorbus::client_reconnecting)
ACTORBUS_LOCAL_MESSAGE(actorbus::client_ended)
ACTORBUS_LOCAL_MESSAGE(actorbus::client_fault)
