#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <actorbus/actors/authenticator.hpp>
#include <actorbus/actors/message.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/options.hpp>
#include <actorbus/actors/outbound_meter.hpp>
#include <actorbus/actors/outbox.hpp>
#include <actorbus/actors/ring_queue.hpp>
#include <actorbus/protocol/errc.hpp>
#include <actorbus/protocol/frame.hpp>
#include <actorbus/protocol/outbound_window.hpp>
#include <actorbus/protocol/packet_id_set.hpp>
#include <actorbus/protocol/topic_alias.hpp>

namespace actorbus {

/// Where PUBLISH packets lie in the frame that is being read.
struct packet_run {
  std::uint32_t offset = 0; ///< of the first, from the frame buffer's begin, bytes
  std::uint32_t size = 0;   ///< of each, bytes
  std::uint32_t count = 1;  ///< one behind the other; only their payloads differ
};

/// What a session asks of its surroundings. The actor does it; tests write it down.
class session_host {
public:
  virtual ~session_host() = default;

  /// Hands PUBLISH packets of the client to their receivers.
  /// @param packet the first; its topic is resolved; views into the current frame
  /// @param where  more than one at QoS 0 and without an alias only
  /// @param defines_alias it has both, topic and alias
  /// @returns whether anybody subscribes to it
  virtual bool route(const protocol::publish& packet, const packet_run& where,
                     bool defines_alias) = 0;

  /// Keeps a message for later subscribers, or removes the kept one.
  virtual void retain(message_ptr value) = 0;

  virtual void subscribe(subscribe_request request) = 0;
  virtual void unsubscribe(unsubscribe_request request) = 0;

  /// Ends the current channel once everything sent so far has left.
  virtual void close_channel(protocol::reason_code reason) = 0;

  /// Publishes a will, with these of its properties.
  virtual void publish_will(const message& will, protocol::properties_view properties) = 0;

  /// A message for this session was thrown away, by a limit or by its expiry.
  virtual void dropped(protocol::reason_code why) = 0;

  /// Asks the authenticator of `session_state::terms` about the client, anew or on.
  /// `session_state::authenticated` takes its verdict.
  virtual void authenticate(bool begins, std::string_view data) {
    static_cast<void>(begins);
    static_cast<void>(data);
  }

  virtual time_point now() const = 0;

  /// What a bridge is told of the bus that it has come to; empty: nothing.
  virtual std::string_view bus_name() const { return {}; }

  /// Whether the bus has a bridge of this name, for which nobody else speaks.
  virtual bool is_bridge(std::string_view name) const {
    static_cast<void>(name);
    return false;
  }
};

/// One MQTT session as a plain state machine: what the standard says between a client's packets
/// and the messages for it. Knows no actor and no clock of its own; packets for the client go to
/// `to_client`, everything else to the host.
class session_state {
public:
  /// @param host     outlives the session
  /// @param bounds   until `limit` says otherwise; outlive the session
  /// @param outbound bytes on their way to all clients of the bus
  session_state(session_host& host, const limits& bounds, std::shared_ptr<outbound_total> outbound)
      : host_(host), limits_(&bounds), outbound_(std::move(outbound)) {}

  /// Begins a network connection with a CONNECT that the broker has accepted: answers CONNACK,
  /// then sends again what was on its way [v5:MQTT-4.4.0-1].
  /// @param assigned the client identifier is the broker's choice, and the client is told
  /// @param terms    on which the client was let in; may be null
  void attach(const protocol::connect& packet, const std::string& client_id, bool assigned,
              std::shared_ptr<outbound_meter> meter,
              std::shared_ptr<const admission> terms = nullptr);

  /// What the channel that is about to be attached may use. That stays while the client is away.
  /// @param bounds live until the next call, or as long as this
  void limit(const limits& bounds) noexcept { limits_ = &bounds; }

  /// Bounds on what waits for this session, in place of those limits.
  /// @param bounds nullptr: as the limits say
  void limit_queue(std::shared_ptr<const queue_limits> bounds) noexcept {
    queue_limits_ = std::move(bounds);
  }

  /// The client is a part of the bus itself, which may publish where clients only listen.
  void speaks_for_bus(bool does) noexcept { speaks_for_bus_ = does; }

  /// Handles the packets of one frame in order. Behind a SUBSCRIBE or UNSUBSCRIBE it stops until
  /// the broker has answered: packets take effect one after the other. After a fault the rest is
  /// ignored and the channel closed.
  /// @returns the bytes that are done with; the caller keeps the others until `may_receive()`
  std::uint32_t receive(const frame& packets);

  /// Takes publications for this client.
  void deliver(const actorbus::deliver& message);

  /// Answers of the broker, sent on to the client.
  void subscribed(const actorbus::subscribed& answer);
  void unsubscribed(const actorbus::unsubscribed& answer);

  /// What the authenticator says to `session_host::authenticate`.
  void authenticated(const verdict& answer);

  /// On which the client was let in; null: none.
  const admission* terms() const noexcept { return permit_ ? permit_->terms.get() : nullptr; }

  /// The channel is gone. Sends the will, or sets its delay, unless the client said goodbye.
  void detach(protocol::reason_code reason);

  /// Ends the session for a reason of the broker's: tells the client, sends the will.
  void end(protocol::reason_code reason);

  /// Refuses whatever the client sent last: DISCONNECT (5.0) and close.
  /// @param why words for the reason string; may be empty
  void refuse(protocol::reason_code reason, std::string_view why);

  /// Sends what waits for room in the window, the meter or the client's limits. Called at the
  /// end of each batch.
  void pump();

  /// Does what is due: keep-alive, will delay, session expiry.
  /// @returns false if the session is over
  bool on_alarm();

  /// When `on_alarm` has something to do next.
  std::optional<time_point> next_alarm() const;

  /// No channel and nothing to keep: the broker may forget the session.
  bool over() const noexcept { return !attached_ && session_expiry_seconds_ == 0; }

  bool attached() const noexcept { return attached_; }

  /// Whether the next packet of the client may be looked at: not while the broker owes an answer
  /// to the one before, nor while the client doesn't take what it is sent. The caller keeps frames
  /// until then.
  bool may_receive() const noexcept {
    return !attached_ || closing_ ||
           (!awaits_broker_ && queued_retained_ < queued_retained_max && !outbound_full());
  }

  bool awaits_broker() const noexcept { return awaits_broker_; }

  /// Something came from the client: it is alive.
  void touch() {
    if (keep_alive_seconds_ != 0)
      last_packet_ = host_.now();
  }

  /// Nobody reads what is sent any more, but what came before still counts.
  void peer_gone() noexcept { peer_gone_ = true; }

  /// A message of a shared subscription that another member may have.
  struct undelivered {
    message_ptr value;
    std::uint32_t group = 0; ///< `delivery_range::group`
  };

  /// Takes out, in their order, the messages of shared subscriptions that the client has not
  /// acknowledged: those at QoS 1, and those at QoS 2 that were never sent (4.8.2).
  std::vector<undelivered> take_undelivered();

  /// Forgets everything: the session's actor has ended.
  void clear();

  /// Whether messages wait for room; `outbound_full` tells whether for the channel's.
  bool has_waiting() const noexcept {
    return !queue_.empty() || !resend_.empty() || !pushed_back_.empty();
  }
  protocol::protocol_version version() const noexcept { return version_; }
  const std::string& client_id() const noexcept { return client_id_; }
  void subscriber_id(std::uint64_t id) noexcept { subscriber_id_ = id; }
  std::uint64_t subscriber_id() const noexcept { return subscriber_id_; }
  std::size_t queued_messages() const noexcept { return queue_.size(); }
  std::size_t inflight_messages() const noexcept { return window_.size(); }
  std::size_t stored_bytes() const noexcept { return stored_bytes_; }

  /// Adds what this class knows: who the client is, and what waits for it.
  void describe(session_figures& into) const;

  /// Whether the next QoS 1 or 2 message would be refused, as far as one can know.
  bool queue_full() const noexcept;

  /// Bytes that the channel may hold before QoS 0 is dropped and the rest waits.
  /// @pre `attached()`
  std::size_t outbound_limit() const noexcept;

  /// Whether the channel holds as much as it may.
  bool outbound_full() const noexcept;

  outbox to_client;
  /// Set by the host's `route`: one of the receivers takes no more.
  bool receiver_full = false;
  std::uint32_t packets_received = 0; ///< from the client; the host resets
  std::uint32_t publishes_sent = 0;   ///< PUBLISH packets put into `to_client`; the host resets

private:
  /// A message on its way to the client at QoS 1 or 2.
  struct outgoing {
    message_ptr value;
    std::unique_ptr<std::vector<std::uint32_t>> identifiers;
    std::uint32_t group = 0; ///< the shared subscription that it came by
    protocol::qos quality{};
    bool retain = false;
    bool is_retained = false; ///< came with a SUBSCRIBE: not counted against the queue's limits
    bool on_wire = false;     ///< sent on the current connection
  };
  using window = protocol::outbound_window<outgoing>;

  /// So many retained messages that wait hold the client's next packets up.
  static constexpr std::size_t queued_retained_max = 100'000;

  /// State of one network connection that few clients need.
  struct aliases {
    protocol::inbound_aliases inbound;
    protocol::outbound_aliases outbound;
  };

  /// What clients have that came in on terms.
  struct permit {
    enum class turn : std::uint8_t { nobody, authenticator, client };

    std::shared_ptr<const admission> terms;
    access_rights rights;
    turn whose = turn::nobody; ///< in an authentication that the client began anew
    time_point due{};          ///< when it must be over
  };

  // session_access.cpp: who the client is, and what it may do
  void take_terms(std::shared_ptr<const admission> terms);
  bool may_speak_of(std::string_view topic) const;
  bool may_publish(std::string_view topic);
  void refuse_publish(const protocol::publish& packet, std::uint32_t count,
                      protocol::reason_code code);
  bool may_subscribe(std::string_view filter) const noexcept;
  bool authentication_overdue() const;
  void send_auth(protocol::reason_code code, std::string_view data);

  // session_inbound.cpp: packets of the client
  void receive_packet(const protocol::frame_header& header, protocol::byte_view body);
  std::uint32_t receive_publishes(const protocol::frame_header& header, protocol::byte_view input,
                                  const frame& source, std::uint32_t offset);
  void on_publish(protocol::publish& packet, const frame& source, const packet_run& where);
  bool within_rate(std::uint32_t count);
  bool is_what_it_says(const protocol::publish& packet) const noexcept;
  void on(const protocol::puback& packet);
  void on(const protocol::pubrec& packet);
  void on(const protocol::pubrel& packet);
  void on(const protocol::pubcomp& packet);
  void on(const protocol::subscribe& packet);
  void on(const protocol::unsubscribe& packet);
  void on(const protocol::pingreq& packet);
  void on(const protocol::disconnect& packet);
  void on(const protocol::auth& packet);
  template <class Unexpected>
  void on(const Unexpected& packet);
  void refuse(protocol::errc cause);

  // session_outbound.cpp: messages for the client
  void deliver_range(const publication_batch& batch, const delivery_range& range,
                     std::span<const std::uint32_t> identifiers);
  bool is_plain(const publication_batch& batch, const publication& item,
                const delivery_range& range) const noexcept;
  void deliver_one(const publication_batch& batch, const publication& item,
                   const delivery_range& range, std::span<const std::uint32_t> identifiers);
  void deliver_now(const actorbus::deliver& message);
  void push_back(const actorbus::deliver& message);
  void take_pushed_back();
  void pump_queue();
  std::size_t queued_bytes_max() const noexcept;
  std::size_t queued_messages_max() const noexcept;
  queue_overflow overflow() const noexcept;
  bool pushes_back() const noexcept;
  bool has_room(std::size_t bytes, bool goes) const noexcept;
  bool total_has_room() const noexcept;
  bool has_room_of_its_own(std::size_t bytes, bool goes) const noexcept;
  bool make_room(std::size_t bytes);
  void queue_retained(const message_ptr& value, const subscription_options& options);
  void send_queued(outgoing item);
  void send_at_most_once(const protocol::publish& packet,
                         std::span<const std::uint32_t> identifiers,
                         std::optional<std::uint32_t> remaining_seconds);
  void send_or_queue(outgoing item);
  bool may_go_at_once() const noexcept;
  void send(window::slot& slot, bool again);
  bool encode(protocol::publish packet, std::span<const std::uint32_t> identifiers,
              std::optional<std::uint32_t> remaining_seconds);
  void resend_one();
  bool window_open() const noexcept;
  void complete(window::slot& slot);
  void release(window::slot& slot);
  bool fits_with_alias(const protocol::publish& packet, std::size_t identifiers) const noexcept;
  void make_aliases();
  static std::span<const std::uint32_t> identifiers_of(const outgoing& item) noexcept;

  // session_state.cpp
  bool answer_connect(const protocol::connect& packet, bool assigned, bool present);
  bool client_takes(const protocol::packet& packet) const noexcept;
  void take_will(const protocol::connect& packet);
  void publish_will();

  bool is_v5() const noexcept { return version_ == protocol::protocol_version::v5; }

  session_host& host_;
  const limits* limits_;
  std::shared_ptr<outbound_total> outbound_;
  std::string client_id_;
  std::uint64_t subscriber_id_ = 0;

  // of the session
  window window_;
  ring_queue<outgoing> queue_;
  std::shared_ptr<const queue_limits> queue_limits_; ///< nullptr: the bus's
  ring_queue<actorbus::deliver> pushed_back_;        ///< while the queue is full, as they came
  std::size_t pushed_back_bytes_ = 0;
  std::size_t stored_bytes_ = 0;     ///< of messages in `window_` and live ones in `queue_`
  std::size_t refused_bytes_ = 0;    ///< of the last message that found no room
  std::size_t queued_retained_ = 0;  ///< retained messages in `queue_`
  protocol::packet_id_set received_; ///< QoS 2 messages of the client, not yet released
  std::uint32_t session_expiry_seconds_ = 0;

  // of the connection
  std::shared_ptr<outbound_meter> meter_;
  std::unique_ptr<aliases> aliases_;
  std::unique_ptr<permit> permit_;
  ring_queue<protocol::packet_id> resend_;
  std::uint32_t on_wire_ = 0; ///< slots of the window that the client has to answer
  std::uint32_t client_packet_size_max_ = protocol::packet_size_bytes_max;
  double rate_left_ = 0; ///< PUBLISH packets that the client may send at `rate_checked_`
  time_point rate_checked_{};
  std::uint16_t client_receive_maximum_ = 65'535;
  std::uint16_t keep_alive_seconds_ = 0;
  std::uint16_t alias_maximum_out_ = 0;
  protocol::protocol_version version_ = protocol::protocol_version::v3_1_1;
  bool attached_ = false;
  bool closing_ = false; ///< nothing of the client is read any more
  bool said_goodbye_ = false;
  bool awaits_broker_ = false;
  bool peer_gone_ = false;
  bool began_ = false; ///< was attached before
  bool speaks_for_bus_ = false;
  bool is_bridge_ = false; ///< another broker's, of MQTT 3.x

  message_ptr will_;
  std::uint32_t will_delay_seconds_ = 0;
  time_point detached_at_{};
  time_point last_packet_{};
  std::optional<time_point> will_due_;
  std::optional<time_point> expires_;
};

} // namespace actorbus
