#pragma once

// How an application decides who may come in: an authenticator is an actor that answers these
// messages. Give it to `bus::options::authenticator`, or to a `listener_policy` for one listener.
//
//   bus to authenticator                  authenticator to `reply_to`
//   authenticate                   ──►
//                                  ◄──    verdict: success, an error, or 0x18 with more to ask
//   continue_authentication        ──►            (0x18 only where the client named a method)
//                                  ◄──    verdict …
//   authentication_abandoned       ──►    the client is gone: no verdict is wanted
//
// It may take its time: nobody but the one client waits, for `limits::authentication_timeout_ms`
// at most. If it dies or doesn't answer, the client is refused with 0x88.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/permissions.hpp>
#include <actorbus/protocol/property.hpp>

namespace actorbus {

/// Who is this? Sent for everyone who comes through a listener, for participants of the program
/// only if they name a method; and again for a client that authenticates anew.
struct authenticate {
  std::uint64_t attempt = 0; ///< comes back in the verdict
  caf::actor reply_to;
  time_point deadline{}; ///< a verdict after it is of no use
  std::string client_id; ///< empty: the broker will give one
  std::optional<std::string> user_name;
  std::optional<std::string> password; ///< any bytes
  std::string method;                  ///< empty: none, the CONNECT says all there is
  std::string data;                    ///< of the method; any bytes
  bool again = false;                  ///< a client that is in already (4.12.1)
  std::string transport;
  std::string peer;
  std::shared_ptr<const peer_identity> identity; ///< nullptr: nobody vouches for the peer
  std::shared_ptr<const listener_policy> policy; ///< nullptr: a participant of the program
};

/// The client's answer to a verdict of 0x18.
struct continue_authentication {
  std::uint64_t attempt = 0;
  std::string data;
};

/// Nobody waits for this verdict any more.
struct authentication_abandoned {
  std::uint64_t attempt = 0;
};

/// The answer.
struct verdict {
  std::uint64_t attempt = 0;
  /// success: come in; continue_authentication: `data` is a question for the client; an error that
  /// CONNACK may carry: stay out.
  protocol::reason_code code{};
  std::string data;             ///< for the client, by the method
  std::string reason_string;    ///< for the client, with an error
  std::string user_name;        ///< who it is; empty: whom the CONNECT names
  permissions_ptr allowed;      ///< nullptr: everything, as far as the listener allows
  std::string server_reference; ///< with 0x9C and 0x9D: which other server
  std::vector<std::pair<std::string, std::string>> user_properties; ///< for the CONNACK
};

/// What the bus knows of a client that was let in.
struct admission {
  caf::actor authenticator; ///< for a client that authenticates anew; may be null
  std::string method;       ///< empty: none
  std::string data;         ///< last words of the method
  std::string user_name;    ///< empty: anonymous
  /// The listener's and the verdict's: each must allow. Null: no bounds.
  std::array<permissions_ptr, 2> allowed;
  protocol::property_list properties; ///< further ones for the CONNACK
};

/// Authentication to broker: let it in.
struct admitted {
  channel_info channel;
  frame connect;
  std::shared_ptr<const admission> terms; ///< may be null: no terms
};

} // namespace actorbus

ACTORBUS_LOCAL_MESSAGE(actorbus::authenticate)
ACTORBUS_LOCAL_MESSAGE(actorbus::continue_authentication)
ACTORBUS_LOCAL_MESSAGE(actorbus::authentication_abandoned)
ACTORBUS_LOCAL_MESSAGE(actorbus::verdict)
ACTORBUS_LOCAL_MESSAGE(actorbus::admitted)
