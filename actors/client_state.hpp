#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <actorbus/actors/client_events.hpp>
#include <actorbus/actors/client_options.hpp>
#include <actorbus/actors/client_subscriptions.hpp>
#include <actorbus/actors/outbox.hpp>
#include <actorbus/actors/prepared_message.hpp>
#include <actorbus/actors/ring_queue.hpp>
#include <actorbus/actors/time_point.hpp>
#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/outbound_window.hpp>
#include <actorbus/protocol/packet_id_set.hpp>
#include <actorbus/protocol/topic_alias.hpp>

namespace actorbus {

/// A client's side of MQTT as a plain state machine: operations and frames go in, packets for the
/// broker go to `to_broker`, completions and messages to whoever asked. No actor, no clock.
///
/// Outlives its connections. Every operation ends exactly once: with the broker's answer, with
/// `lost` if nothing can come of it in a later connection, at the latest with `abandon`.
class client_state {
public:
  using clock = std::function<time_point()>;

  /// @param payer charged for outgoing frames; a publish waits while it is exhausted
  /// @param now   asked where a message has an expiry interval; none: they are sent as they are
  client_state(client_options options, client_events events, credit_account_ptr payer,
               clock now = {});

  /// What is wrong with the options, if anything: nothing may be begun then.
  std::optional<outcome> fault_of_options() const;

  /// The CONNECT packet, unless there is a `failure` then. `done` is called with the CONNACK, or
  /// when the link is lost before it.
  void connect(completion done);

  /// @param done called at QoS 0 when the message was handed on, at QoS 1 and 2 when it was
  ///        acknowledged; never both fails and delivers at QoS 0
  void publish(outgoing_message message, completion done);
  void publish(prepared_message message, completion done);

  /// @param handler gets what comes for the filters; none: `client_events::on_message`
  void subscribe(const std::vector<subscribe_options>& filters,
                 const protocol::property_list& properties, completion done,
                 message_handler handler = {});
  void unsubscribe(const std::vector<std::string>& filters, completion done);

  /// Gives back a message that was subscribed with `manual_acknowledgement`. Acknowledgements go
  /// out in the order of the messages [v5:MQTT-4.6.0-2, MQTT-4.6.0-3].
  /// @param connection the message's; one of an earlier connection is ignored
  void acknowledge(protocol::packet_id id, std::uint32_t connection, protocol::reason_code code);

  /// AUTH, with the method of the options.
  void reauthenticate(completion done);

  /// DISCONNECT; nothing can be sent after it.
  void disconnect(protocol::reason_code reason, const protocol::property_list& properties);

  void receive(const frame& packets);

  /// The link is gone: fails what can't go on with the next one.
  void lost(const outcome& why);

  /// There will be no other link: fails whatever `lost` kept for one.
  void abandon(const outcome& why);

  /// Lets go of handlers and events, and of what they hold. @pre `abandon` was called
  void forget_handlers();

  /// Sends what waits for credit, for the window or for a connection. Called at the end of each
  /// batch.
  void pump();

  /// When `drop_expired` has something to do, at the earliest.
  time_point next_expiry() const noexcept { return next_expiry_; }

  /// Ends what waits to be sent and has expired meanwhile.
  void drop_expired();

  void ping();

  bool connected() const noexcept { return connected_; }
  bool has_work() const noexcept {
    return !waiting_.empty() || !lists_waiting_.empty() || !resend_.empty();
  }
  /// Whether anything waits for the broker's answer.
  bool has_unanswered() const noexcept { return !window_.empty() || reauthenticated_; }
  bool awaits_ping() const noexcept { return awaits_ping_; }
  /// The broker's own keep-alive, if it set one.
  std::uint16_t keep_alive_seconds() const noexcept { return keep_alive_seconds_; }
  const client_options& options() const noexcept { return options_; }
  const client_events& events() const noexcept { return events_; }
  bool owner_is_full() const { return events_.is_full && events_.is_full(); }

  /// Set when this side refuses the broker, or the broker this client: the link is to be closed.
  std::optional<outcome> failure;

  outbox to_broker;

private:
  static constexpr time_point never = time_point::max();

  /// A SUBSCRIBE or UNSUBSCRIBE.
  struct list_request {
    client_subscription_ptr subscription; ///< null: unsubscribes
    std::vector<std::string> filters;
    bool again = false; ///< of this side's own: a subscription that stood is sent anew
    bool without_retained = false;
  };

  struct operation {
    outgoing_message message;
    completion done;
    std::unique_ptr<prepared_message> prepared; ///< in place of `message`, before it is sent
    frame encoded;                              ///< in place of `message`, once it was
    std::unique_ptr<list_request> list;
    time_point expires = never;
    std::uint32_t expiry_offset = 0; ///< in `encoded`; 0: it has none
    bool on_wire = false;            ///< sent with this connection
    bool was_sent = false;           ///< with this one or an earlier one
    bool dropped = false;            ///< lost its place in the queue: it is over
  };
  using window = protocol::outbound_window<operation>;

  /// A message of QoS 1 or 2 whose acknowledgement has to wait for the application, or for that of
  /// one before it.
  struct unacknowledged {
    protocol::packet_id packet_id = 0;
    protocol::qos qos{};
    std::uint16_t owed = 0; ///< by so many handlers
    protocol::reason_code code{};
  };

  // client_inbound.cpp: what the broker sends
  void on(const protocol::connack& packet);
  void on(const protocol::puback& packet);
  void on(const protocol::pubrec& packet);
  void on(const protocol::pubrel& packet);
  void on(const protocol::pubcomp& packet);
  void on(const protocol::suback& packet);
  void on(const protocol::unsuback& packet);
  void on(const protocol::pingresp&) { awaits_ping_ = false; }
  void on(const protocol::disconnect& packet);
  void on(const protocol::auth& packet);
  template <class Unexpected>
  void on(const Unexpected&);
  void on_publish(protocol::publish& packet, const frame& source);
  std::uint16_t hand_on(const incoming_message& message);
  void call(const message_handler& handler, const incoming_message& message);
  bool is_known(protocol::packet_id id);
  void acknowledge_when(protocol::packet_id id, protocol::qos quality, std::uint16_t owed);
  void send_acknowledgement(const unacknowledged& what);
  void learn(const protocol::connack& packet);
  void finish_list(protocol::packet_id id, protocol::awaiting state, protocol::byte_view codes,
                   protocol::properties_view properties);
  void note_answer(const list_request& list, const outcome& result);
  void fail(protocol::errc cause);
  outcome outcome_of(protocol::reason_code code, protocol::properties_view properties) const;

  static outcome refused(protocol::reason_code code);
  static outcome refused(protocol::errc cause, std::string_view name);
  static void tell(const completion& done, outcome result);

  // client_authenticating.cpp
  std::optional<protocol::property_list> begin_exchange();
  protocol::property_list say(std::string_view data) const;
  void send_auth(protocol::reason_code code, const protocol::property_list& properties);
  bool is_same_method(protocol::properties_view properties);
  bool trusts(protocol::properties_view properties);
  void give_up(std::string why, bool says_so = true);

  // client_queue.cpp: publishes that wait
  static std::size_t bytes_of(const operation& item) noexcept;
  void enqueue(operation item);
  bool make_room(std::size_t bytes);
  bool drop_oldest(bool at_most_once_only);
  completion give_up_place(operation& item);
  void forget_dropped();
  operation take_waiting();
  void put_back(window::slot& slot);
  static outcome expired();
  void shorten(operation& item, time_point time) const;
  void make_writable(operation& item) const;

  // client_state.cpp: connections and publishes
  static outcome fate_of(const operation& item, const outcome& why);
  bool sends_at_once(protocol::qos quality) const noexcept;
  void send_prepared(prepared_message& message, const completion& done);
  void send(operation item);
  void send_publish(window::slot& slot, bool dup);
  protocol::reason_code refusal_of(protocol::qos quality, bool retain,
                                   std::size_t size) const noexcept;
  bool keeps_session() const noexcept;
  bool outlives_session(const window::slot& slot) const noexcept;
  void resume();
  void begin_anew();
  void send_rest();
  void finish(window::slot& slot, outcome result);

  // client_subscribing.cpp
  std::optional<outcome> refusal_of(const list_request& list) const;
  void send_list(operation item);
  void send_again(const client_subscription_ptr& what, bool without_retained);
  void encode_list(window::slot& slot);
  bool may_identify() const noexcept;

  client_options options_;
  client_events events_;
  credit_account_ptr payer_;
  clock now_;
  completion connecting_;
  std::unique_ptr<authentication_exchange> exchange_; ///< under way
  completion reauthenticated_;                        ///< set: it is a re-authentication's
  window window_;
  ring_queue<operation> waiting_;          ///< publishes
  ring_queue<operation> lists_waiting_;    ///< for a connection
  ring_queue<protocol::packet_id> resend_; ///< of an earlier connection, not yet sent with this one
  std::size_t waiting_count_ = 0;          ///< without those that were dropped
  std::size_t waiting_bytes_ = 0;
  time_point next_expiry_ = never;
  std::size_t looked_through_ = 0; ///< so many, from the front, are of QoS 1 or 2 or dropped
  client_subscriptions subscriptions_;
  protocol::packet_id_set received_;
  ring_queue<unacknowledged> unacknowledged_;
  protocol::inbound_aliases aliases_;
  std::uint32_t connection_ = 0;
  std::uint32_t publishes_in_flight_ = 0;
  std::uint32_t broker_packet_size_max_ = protocol::packet_size_bytes_max;
  std::uint16_t broker_receive_maximum_ = 65'535;
  std::uint16_t keep_alive_seconds_ = 0;
  protocol::qos broker_maximum_qos_ = protocol::qos::exactly_once;
  bool broker_retains_ = true;
  bool broker_identifies_ = true;
  bool broker_shares_ = true;
  bool broker_wildcards_ = true;
  bool connected_ = false;
  bool begins_anew_ = false; ///< the last CONNECT asked for a new session
  bool was_welcome_ = false; ///< by an earlier CONNECT
  bool awaits_ping_ = false;
};

} // namespace actorbus
