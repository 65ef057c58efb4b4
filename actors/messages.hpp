#pragma once

// Every message that actors of this bus exchange, by conversation.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <actorbus/actors/buffer.hpp>
#include <actorbus/actors/bus_figures.hpp>
#include <actorbus/actors/caf.hpp>
#include <actorbus/actors/message.hpp>
#include <actorbus/actors/options.hpp>
#include <actorbus/actors/publication.hpp>
#include <actorbus/actors/queue_limits.hpp>
#include <actorbus/actors/subscription.hpp>
#include <actorbus/protocol/reason_code.hpp>
#include <actorbus/protocol/types.hpp>

namespace actorbus {

class outbound_meter;
struct admission;
struct permissions;

// -- channel and session -------------------------------------------------------------------------
//
// A channel is two mailboxes: its own (a bridge actor's or a client's) and its session's. Both
// sides send each other `frame`s. A channel begins with `open_session` to the broker and ends with
// `channel_closed` to the session or with `close_channel` from it.

/// Who the peer is, vouched for by the transport and not by the peer's own packets: a certificate's
/// subject, the operating system's word for a local socket, a pre-shared key's name.
struct peer_identity {
  std::string name;   ///< usable as a user name; UTF-8, not empty
  std::string source; ///< who vouches: "certificate", "psk", "uid"
};

/// What a listener demands of those who come through it. Shared by all its channels; what is
/// right for a mailbox need not be right for the internet.
struct listener_policy {
  std::string name;            ///< the listener's URL, for logs and events
  bool allow_anonymous = true; ///< neither a user name nor an identity is needed
  /// A channel without an identity is refused, and the identity's name is the user name whatever
  /// the CONNECT says.
  bool identity_is_user = false;
  caf::actor authenticator{}; ///< whom to ask (authenticator.hpp); null: the bus's own, if any
  std::shared_ptr<const permissions> allowed{}; ///< bounds on all its clients; nullptr: none
  /// Of its channels and their sessions; nullptr: the bus's. `connections_max` counts this
  /// listener's connections alone then. Those that bound the whole bus mean nothing here.
  std::shared_ptr<const limits> own_limits{};
};

/// What those may use who come through a listener with `policy`: its limits, or else the bus's.
inline const limits& bounds_of(const std::shared_ptr<const listener_policy>& policy,
                               const limits& of_bus) noexcept {
  return policy && policy->own_limits ? *policy->own_limits : of_bus;
}

/// What the broker and the session may know of a channel.
struct channel_info {
  caf::actor channel;
  std::string transport;                 ///< "memory", "tcp", …
  std::string peer;                      ///< address for logs, e.g. "127.0.0.1:4711"
  std::shared_ptr<outbound_meter> meter; ///< bytes on their way to the peer
  caf::execution_unit* home = nullptr;   ///< where a new session should run; nullptr: CAF's pool
  std::shared_ptr<const peer_identity> identity{}; ///< nullptr: nobody vouches for the peer
  std::shared_ptr<const listener_policy> policy{}; ///< nullptr: the program itself, all is allowed
  /// Counts the attempts of a client that comes back, so that it can tell what belongs to an
  /// earlier one: returned in `session_opened` and in the frames to the channel. 0: it doesn't ask.
  std::uint32_t attempt = 0;
  std::shared_ptr<const queue_limits> queue{}; ///< nullptr: as the limits say

  /// What the channel may use: its listener's limits, or else the bus's.
  const limits& bounds(const limits& of_bus) const noexcept { return bounds_of(policy, of_bus); }
};

/// Channel to broker: the first packet has come; please find me a session.
struct open_session {
  channel_info channel;
  frame connect; ///< exactly one packet, whatever it is
};

/// Session to channel: frames go to `session` from now on. Comes before the CONNACK's frame. While
/// the client is still being authenticated somebody else may say it first, with link 0.
struct session_opened {
  caf::actor session;
  protocol::protocol_version version{};
  /// Stamp of the channel's frames. A session that was taken over ignores frames of earlier links,
  /// which may still be on their way.
  std::uint32_t link = 0;
  std::uint32_t attempt = 0; ///< `channel_info::attempt`
  /// Somebody who asks for more before the client is let in; the session itself comes later.
  bool stands_in = false;
};

/// Session or broker to channel: send what you have, close the link, end.
struct close_channel {
  protocol::reason_code reason{};
  std::string text{};        ///< why, in words, where a network link failed
  std::uint32_t attempt = 0; ///< `channel_info::attempt`, where it is known
};

/// Channel to session: the link is gone. Without a DISCONNECT before it that's what wills are for.
struct channel_closed {
  std::uint32_t link = 0;         ///< `session_opened::link`; an earlier one is ignored
  protocol::reason_code reason{}; ///< why, where the channel itself refused the peer
};

/// Channel to session: half of the outbound limit is free again (see `outbound_meter`).
struct outbound_drained {};

// -- session and broker --------------------------------------------------------------------------

/// Broker to session: this channel is yours; answer its CONNECT.
struct attach_channel {
  channel_info channel;
  frame connect;
  std::uint32_t link = 0;          ///< counts the channels that this session was given
  bool assigned_client_id = false; ///< the client left it to the broker
  std::string client_id;
  std::shared_ptr<const admission> terms{}; ///< on which it was let in; nullptr: none
};

/// Session to broker: nothing is left of me.
struct session_ended {
  std::uint64_t subscriber_id = 0;
  std::uint32_t link = 0; ///< the last one it was given: ignored if a later one is on its way
  bool final = false;     ///< true whatever is on its way: it takes no more
};

/// Broker to session: end now; your client identifier has begun anew elsewhere, or the broker
/// shuts down. The channel, if there is one, is told `reason`.
struct end_session {
  protocol::reason_code reason{};
};

/// One line of a SUBSCRIBE for the routing table.
struct subscribe_entry {
  std::string filter;
  subscription_options options;
  protocol::reason_code refusal{}; ///< not success: the session refused it already
};

/// Session to broker: add these. Answered by `subscribed`.
struct subscribe_request {
  std::uint64_t subscriber_id = 0;
  std::uint32_t link = 0; ///< comes back in the answer: an earlier connection's is ignored
  protocol::packet_id packet_id = 0;
  std::vector<subscribe_entry> entries;
};

/// Broker to session: what became of each line, and the retained messages that go with them.
struct subscribed {
  struct retained {
    message_ptr value;
    subscription_options options; ///< of the line that asked for it
  };

  std::uint32_t link = 0;
  protocol::packet_id packet_id = 0;
  std::vector<protocol::reason_code> codes;
  std::vector<retained> messages;
};

/// Session to broker: remove these. Answered by `unsubscribed`.
struct unsubscribe_request {
  std::uint64_t subscriber_id = 0;
  std::uint32_t link = 0;
  protocol::packet_id packet_id = 0;
  std::vector<std::string> filters;
};

struct unsubscribed {
  std::uint32_t link = 0;
  protocol::packet_id packet_id = 0;
  std::vector<protocol::reason_code> codes;
};

/// Session to broker: keep these for later subscribers, in this order; empty payloads remove.
struct retain_messages {
  std::vector<message_ptr> values;
  frame source; ///< they came in it: stays charged to the publisher until they are kept
};

// -- session and session -------------------------------------------------------------------------

/// A session's publications of one batch that are for one receiver.
struct deliver {
  publication_batch_ptr batch;
  delivery_range first; ///< the usual case has one
  std::vector<delivery_range> more;
  std::vector<std::uint32_t> identifiers; ///< subscription identifiers that the ranges point into
};

// -- figures -------------------------------------------------------------------------------------
//
// How sessions do, asked by the figures board when somebody wants to know: all of them by their
// counters, which wakes nobody, then a few by a message.

/// What a look at a session's counters finds.
struct surveyed_session {
  std::uint64_t subscriber_id = 0;
  std::uint64_t messages_in = 0; ///< see `session_counters`
  std::uint64_t messages_out = 0;
  std::uint64_t dropped = 0;
  std::uint64_t stored = 0;
};

/// Board to broker: look at some of the sessions. Answered by `sessions_surveyed`.
struct survey_sessions {
  caf::actor board;
  std::size_t from = 0;   ///< `sessions_surveyed::next`; at first 0
  std::size_t places = 0; ///< `sessions_surveyed::places`
};

/// Broker to board.
struct sessions_surveyed {
  std::vector<surveyed_session> sessions;
  std::vector<listener_figures> listeners; ///< connections of these sessions
  /// Where to go on; 0: that was all. If the table of sessions has grown meanwhile the broker
  /// begins again, and shows sessions twice.
  std::size_t next = 0;
  std::size_t places = 0;  ///< of that table
  bool is_first = false;   ///< of a survey, also when it began again
  std::uint32_t heard = 0; ///< bit n: somebody who is connected subscribes to order n
};

/// Board to broker: have these sessions describe themselves. Answered by `sessions_asked`.
struct ask_sessions {
  caf::actor board;
  std::uint32_t round = 0; ///< comes back in the answers
  std::vector<std::uint64_t> subscriber_ids;
};

/// Broker to board: so many of them are there, and were asked.
struct sessions_asked {
  std::uint32_t round = 0;
  std::size_t count = 0;
};

/// Broker to session: how are you? Answered to the board by `session_described`.
struct describe_session {
  caf::actor board;
  std::uint32_t round = 0;
  std::size_t subscriptions = 0; ///< what the broker knows of the session
  std::vector<std::string> filters;
};

/// Session to board.
struct session_described {
  std::uint64_t subscriber_id = 0;
  std::uint32_t round = 0; ///< 0: nobody asked; the session's connection is over
  session_figures figures;
};

/// Broker to board: somebody has subscribed to figures.
struct figures_wanted {};

// -- timekeeper ----------------------------------------------------------------------------------

/// Anyone to the timekeeper: send me `alarm` at `when`; replaces the one set before.
struct set_alarm {
  caf::actor owner;
  time_point when{};
};

/// Anyone to the timekeeper: forget my alarm, and me.
struct cancel_alarm {
  caf::actor_id owner = 0;
};

/// Timekeeper: it is time. Never early.
struct alarm {};

} // namespace actorbus

ACTORBUS_LOCAL_MESSAGE(actorbus::frame)
ACTORBUS_LOCAL_MESSAGE(actorbus::credit_granted)
ACTORBUS_LOCAL_MESSAGE(actorbus::open_session)
ACTORBUS_LOCAL_MESSAGE(actorbus::session_opened)
ACTORBUS_LOCAL_MESSAGE(actorbus::close_channel)
ACTORBUS_LOCAL_MESSAGE(actorbus::channel_closed)
ACTORBUS_LOCAL_MESSAGE(actorbus::outbound_drained)
ACTORBUS_LOCAL_MESSAGE(actorbus::attach_channel)
ACTORBUS_LOCAL_MESSAGE(actorbus::session_ended)
ACTORBUS_LOCAL_MESSAGE(actorbus::end_session)
ACTORBUS_LOCAL_MESSAGE(actorbus::subscribe_request)
ACTORBUS_LOCAL_MESSAGE(actorbus::subscribed)
ACTORBUS_LOCAL_MESSAGE(actorbus::unsubscribe_request)
ACTORBUS_LOCAL_MESSAGE(actorbus::unsubscribed)
ACTORBUS_LOCAL_MESSAGE(actorbus::retain_messages)
ACTORBUS_LOCAL_MESSAGE(actorbus::deliver)
ACTORBUS_LOCAL_MESSAGE(actorbus::survey_sessions)
ACTORBUS_LOCAL_MESSAGE(actorbus::sessions_surveyed)
ACTORBUS_LOCAL_MESSAGE(actorbus::ask_sessions)
ACTORBUS_LOCAL_MESSAGE(actorbus::sessions_asked)
ACTORBUS_LOCAL_MESSAGE(actorbus::describe_session)
ACTORBUS_LOCAL_MESSAGE(actorbus::session_described)
ACTORBUS_LOCAL_MESSAGE(actorbus::figures_wanted)
ACTORBUS_LOCAL_MESSAGE(actorbus::set_alarm)
ACTORBUS_LOCAL_MESSAGE(actorbus::cancel_alarm)
ACTORBUS_LOCAL_MESSAGE(actorbus::alarm)
