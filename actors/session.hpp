#pragma once

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/bus_context.hpp>
#include <actorbus/actors/fan_out.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/session_counters.hpp>
#include <actorbus/actors/session_state.hpp>

namespace actorbus {

/// One client identifier's session as an actor: a mailbox around `session_state`. Its frames come
/// from the client's channel, its deliveries from other sessions; at the end of a batch it sends
/// what it has for either.
class session : public batch_actor, private session_host {
public:
  /// @param home   where the client's channel lives; nullptr: CAF's pool
  /// @param broker whom to ask for subscriptions and to tell the end
  /// @param self   how the routing table knows this session
  /// @param bridge the bus's own bridge that it belongs to; empty: none
  session(caf::actor_config& config, caf::execution_unit* home, bus_context_ptr bus,
          caf::actor broker, std::shared_ptr<subscriber> self, std::string bridge);

  const char* name() const override { return "actorbus.session"; }

protected:
  bool on_message(caf::mailbox_element& element) override;
  void on_batch_end() override;
  void on_exit() override;
  void on_down(caf::down_msg& message) override;

private:
  /// Where the topic that an alias stands for is, as far as the current frame is concerned.
  struct alias_place {
    std::uint16_t alias = 0;
    bool in_frame = false; ///< else in the batch's `topics`
    std::uint32_t at = 0;  ///< offset, or index
  };

  void on(frame& packets);
  void on(deliver& message);
  void on(outbound_drained&) {}
  void on(attach_channel& message);
  void on(channel_closed& message);
  void on(subscribed& message);
  void on(unsubscribed& message);
  void on(end_session& message);
  void on(verdict& message);
  void on(describe_session& question);
  void on(alarm&);

  // session_host
  bool route(const protocol::publish& packet, const packet_run& where, bool defines_alias) override;
  void retain(message_ptr value) override;
  void subscribe(subscribe_request request) override;
  void unsubscribe(unsubscribe_request request) override;
  void close_channel(protocol::reason_code reason) override;
  void publish_will(const message& will, protocol::properties_view properties) override;
  void dropped(protocol::reason_code why) override;
  void authenticate(bool begins, std::string_view data) override;
  time_point now() const override { return batch_actor::now(); }
  std::string_view bus_name() const override { return bus_->trail_name; }
  bool is_bridge(std::string_view name) const override { return bus_->bridges.has(name); }

  void pass_on_undelivered();
  void publish(const message& value, protocol::properties_view properties, std::uint32_t group);
  std::uint32_t add_publication(const protocol::publish& packet, const packet_run& where,
                                bool defines_alias);
  void read(frame packets);
  void read_held();
  void lose_channel();
  std::uint32_t offset_of(std::string_view topic) const noexcept;
  alias_place& place_of(std::uint16_t alias);
  void use_alias(publication& item, const protocol::publish& packet);
  template <class Body>
  void with_batch(const frame& source, protocol::protocol_version version, Body&& body);
  void flush();
  void flush_to_client();
  bool some_full(const actorbus::route& to) const noexcept;
  session_figures describe() const;
  void report_queue();
  void announce_full(bool is_full);
  void report_drops();
  void leave_channel(protocol::reason_code reason);
  void update_alarm();
  void settle();

  bus_context_ptr bus_;
  caf::actor broker_;
  caf::actor channel_;
  std::shared_ptr<outbound_meter> meter_;
  channel_info where_; ///< what is known of the channel besides
  std::string bridge_; ///< that it belongs to; empty: none
  session_state state_;
  session_counters counters_; ///< read by others
  std::shared_ptr<subscriber> self_;
  std::vector<alias_place> alias_places_;
  ring_queue<frame> held_; ///< waits for the broker's answer to a SUBSCRIBE
  std::uint32_t link_ = 0;
  std::uint32_t attempt_ = 0;         ///< the channel's name for the link
  std::size_t reported_messages_ = 0; ///< of this session, in the bus's totals
  std::size_t reported_bytes_ = 0;
  std::uint64_t drops_ = 0; ///< not yet told
  protocol::reason_code drop_reason_{};
  time_point next_drop_report_{};
  std::uint64_t asked_anew_ = 0; ///< `authenticate::attempt` of the client's reauthentication
  bool close_wanted_ = false;    ///< by the state, at the end of the handler
  bool ending_ = false;          ///< the channel is gone, what it sent before is not all read
  std::uint32_t received_ = 0;   ///< PUBLISH packets of the current frame
  bool ended_by_broker_ = false;
  bool reported_over_ = false;
  protocol::reason_code close_reason_{};
  std::optional<time_point> alarm_at_;
  const frame* source_ = nullptr; ///< the frame that is being read
  publication_batch_ptr batch_;   ///< its publications
};

} // namespace actorbus
