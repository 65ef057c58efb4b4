#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <actorbus/actors/client_events.hpp>
#include <actorbus/actors/client_options.hpp>
#include <actorbus/actors/outbox.hpp>
#include <actorbus/actors/ring_queue.hpp>
#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/outbound_window.hpp>
#include <actorbus/protocol/packet_id_set.hpp>
#include <actorbus/protocol/topic_alias.hpp>

namespace actorbus {

/// A client's side of MQTT as a plain state machine: operations and frames go in, packets for the
/// broker go to `to_broker`, completions and messages to whoever asked. No actor, no clock.
class client_state {
public:
  /// @param payer charged for outgoing frames; a publish waits while it is exhausted
  client_state(client_options options, client_events events, credit_account_ptr payer);

  /// The CONNECT packet. `done` is called with the CONNACK, or when the link is lost before it.
  void connect(completion done);

  /// @param done called at QoS 0 when the message was handed on, at QoS 1 and 2 when it was
  ///        acknowledged; never both fails and delivers at QoS 0
  void publish(outgoing_message message, completion done);
  void subscribe(const std::vector<subscribe_options>& filters,
                 const protocol::property_list& properties, completion done);
  void unsubscribe(const std::vector<std::string>& filters, completion done);

  /// DISCONNECT; nothing can be sent after it.
  void disconnect(protocol::reason_code reason, const protocol::property_list& properties);

  void receive(const frame& packets);

  /// The link is gone: fails what waits for an answer.
  void lost(const outcome& why);

  /// There will be no other link: fails whatever `lost` kept for one.
  void abandon(const outcome& why);

  /// Sends what waits for credit or for the window. Called at the end of each batch.
  void pump();

  void ping();

  bool connected() const noexcept { return connected_; }
  bool has_work() const noexcept { return !waiting_.empty(); }
  bool awaits_ping() const noexcept { return awaits_ping_; }
  /// The broker's own keep-alive, if it set one.
  std::uint16_t keep_alive_seconds() const noexcept { return keep_alive_seconds_; }
  const client_options& options() const noexcept { return options_; }

  /// Set when this side refuses the broker: the link is to be closed.
  std::optional<outcome> failure;

  outbox to_broker;

private:
  struct operation {
    outgoing_message message;
    completion done;
  };
  using window = protocol::outbound_window<operation>;

  void on(const protocol::connack& packet);
  void on(const protocol::puback& packet);
  void on(const protocol::pubrec& packet);
  void on(const protocol::pubrel& packet);
  void on(const protocol::pubcomp& packet);
  void on(const protocol::suback& packet);
  void on(const protocol::unsuback& packet);
  void on(const protocol::pingresp&) { awaits_ping_ = false; }
  void on(const protocol::disconnect& packet);
  template <class Unexpected>
  void on(const Unexpected&);
  void on_publish(protocol::publish& packet, const frame& source);
  void send(operation item);
  static protocol::publish packet_of(const outgoing_message& message, protocol::packet_id id,
                                     bool dup);
  void encode(const outgoing_message& message, protocol::packet_id id, bool dup);
  void resend();
  void forget_session();
  void finish(window::slot& slot, outcome result);
  void finish_list(protocol::packet_id id, protocol::awaiting state, protocol::byte_view codes,
                   protocol::properties_view properties);
  void fail(protocol::errc cause);
  outcome outcome_of(protocol::reason_code code, protocol::properties_view properties) const;

  client_options options_;
  client_events events_;
  credit_account_ptr payer_;
  completion connecting_;
  window window_;
  ring_queue<operation> waiting_;
  protocol::packet_id_set received_;
  protocol::inbound_aliases aliases_;
  std::uint32_t publishes_in_flight_ = 0;
  std::uint16_t broker_receive_maximum_ = 65'535;
  std::uint32_t broker_packet_size_max_ = protocol::packet_size_bytes_max;
  std::uint16_t keep_alive_seconds_ = 0;
  bool connected_ = false;
  bool awaits_ping_ = false;
};

} // namespace actorbus
