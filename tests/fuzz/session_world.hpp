#pragma once

#include <memory>
#include <vector>

#include <actorbus/actors/session_state.hpp>
#include <actorbus/protocol/encode.hpp>
#include <actorbus/protocol/keep_alive.hpp>

#include "fuzz/session_model.hpp"

namespace actorbus::fuzz {

/// A session with its surroundings: the client, the broker, the clock. Whatever happens to the session happens to the
/// model too, and what the session does about it is checked.
class session_world : public session_host {
public:
  session_world() {
    bounds_.receive_maximum = 4;
    bounds_.inflight_max = 6;
    bounds_.queued_messages_max = 8;
    bounds_.outbound_bytes_max = 300;
    begin_session();
  }

  bool connected() const { return state_->attached(); }
  bool may_speak() const { return connected() && state_->may_receive(); }

  struct connect_fields {
    bool v5 = true;
    bool clean = false;
    std::uint16_t keep_alive = 0;
    std::uint32_t expiry = 0;
    std::uint16_t receive_maximum = 0; ///< 0: none given
    std::uint16_t alias_maximum = 0;
    bool has_will = false;
    std::uint32_t will_delay = 0;
  };

  void connect(const connect_fields& fields) {
    if (connected())
      take_over();
    const auto clean = fields.v5 ? fields.clean : fields.expiry == 0;
    // The broker gives a clean start, or one to a session that is over, another session.
    if (clean || state_->over()) {
      if (!state_->over())
        end();
      begin_session();
    }
    version_ = fields.v5 ? protocol::protocol_version::v5 : protocol::protocol_version::v3_1_1;
    protocol::property_list properties;
    if (fields.expiry != 0)
      properties.add(protocol::property_id::session_expiry_interval, fields.expiry);
    if (fields.receive_maximum != 0)
      properties.add(protocol::property_id::receive_maximum, fields.receive_maximum);
    if (fields.alias_maximum != 0)
      properties.add(protocol::property_id::topic_alias_maximum, fields.alias_maximum);
    protocol::property_list will_properties;
    if (fields.will_delay != 0)
      will_properties.add(protocol::property_id::will_delay_interval, fields.will_delay);
    protocol::connect packet;
    packet.version = version_;
    packet.clean_start = clean;
    packet.keep_alive_seconds = fields.keep_alive;
    packet.client_id = "me";
    if (fields.has_will)
      packet.will = protocol::will{"w", protocol::as_bytes("gone"), {}, false, will_properties};
    if (fields.v5) {
      packet.properties = properties;
      if (fields.has_will)
        packet.will->properties = will_properties;
    } else if (fields.has_will) {
      packet.will->properties = {};
    }
    keep_alive_ = fields.keep_alive;
    expiry_ = fields.v5 ? fields.expiry : fields.expiry == 0 ? 0 : never;
    will_ = fields.has_will;
    will_delay_ = fields.v5 ? fields.will_delay : 0;
    will_due_.reset();
    session_due_.reset();
    said_goodbye_ = false;
    last_packet_ = now_;
    auto receive_maximum = fields.v5 && fields.receive_maximum != 0 ? fields.receive_maximum : 65'535;
    model.begin_connection(fields.v5, std::min<std::size_t>(receive_maximum, bounds_.inflight_max),
                           fields.v5 ? fields.alias_maximum : 0, has_session_ && !clean);
    has_session_ = true;
    meter_ = std::make_shared<outbound_meter>();
    reads_ = true;
    state_->attach(packet, "me", false, meter_);
    look();
  }

  /// The connection breaks, or is closed after the session asked for it.
  void detach() {
    close_wanted_ = false;
    auto wills = wills_;
    state_->detach({});
    model.answers.clear();
    for (auto& each : model.messages)
      each.on_wire = false;
    if (said_goodbye_)
      will_ = false;
    auto delay = std::min(will_delay_, expiry_);
    if (will_ && delay == 0)
      expect_will(wills);
    else if (will_)
      will_due_ = now_ + std::chrono::seconds{delay};
    require(wills == wills_, "a will goes out when it is due");
    if (expiry_ != 0 && expiry_ != never)
      session_due_ = now_ + std::chrono::seconds{expiry_};
    forget_if_over();
  }

  /// The client sends a packet, perhaps several times at once. @pre `may_speak()`
  template <class Packet>
  void say(const Packet& packet, std::size_t times = 1) {
    outbox writer;
    while (times-- > 0)
      writer.encode(packet, version_);
    state_->touch();
    last_packet_ = now_;
    writer.take([this](frame&& bytes) { state_->receive(bytes); });
    look();
  }

  /// Another session brings a message.
  void deliver(qos quality) {
    if (!has_session_)
      return;
    auto number = ++last_number_;
    const std::uint8_t payload[] = {static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
                                    static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
    auto topic = session_model::topic_of(number);
    protocol::publish packet;
    packet.qos = quality;
    packet.topic = topic;
    packet.packet_id = quality == qos::at_most_once ? 0 : 1;
    packet.payload = payload;
    outbox writer;
    writer.encode(packet, protocol::protocol_version::v5);
    auto batch = publication_batch::make(1);
    writer.take([&](frame&& bytes) { batch->source = std::move(bytes); });
    batch->version = protocol::protocol_version::v5;
    publication item;
    item.size = batch->source.size;
    item.topic_offset = 4;
    item.topic_size = static_cast<std::uint16_t>(topic.size());
    item.payload_offset = item.size - 4;
    item.qos = quality;
    item.plain = quality == qos::at_most_once;
    item.offset = batch->source.offset;
    item.topic_offset += batch->source.offset;
    item.payload_offset += batch->source.offset;
    batch->add(item);
    actorbus::deliver message;
    message.batch = batch;
    message.first.count = 1;
    message.first.maximum_qos = qos::exactly_once;
    auto drops = drops_;
    state_->deliver(message);
    auto dropped = drops_ != drops;
    if (quality == qos::at_most_once) {
      require(!dropped || state_->outbound_full(), "QoS 0 is dropped only for a client that does not read");
      if (connected() && !dropped)
        model.at_most_once.push_back(number);
    } else {
      auto is_full = model.count(session_model::message::waits) >= bounds_.queued_messages_max;
      require(!dropped || is_full, "QoS 1 and 2 are dropped over the session's limit only");
      if (!dropped)
        model.messages.push_back({number, topic, quality});
    }
    look();
  }

  /// The client stops reading, or takes what has gathered.
  void read(bool reads) {
    reads_ = reads;
    if (reads && meter_)
      static_cast<void>(meter_->take(meter_->bytes()));
    look();
  }

  void let_pass(std::chrono::milliseconds time) {
    now_ += time;
    if (!has_session_)
      return;
    auto wills = wills_;
    auto is_silent =
        connected() && keep_alive_ != 0 && now_ >= last_packet_ + protocol::keep_alive_timeout(keep_alive_);
    if (is_silent && model.is_v5)
      model.goodbye = reason_code::keep_alive_timeout;
    wants_close_ = is_silent;
    auto lives = state_->on_alarm();
    auto is_over = session_due_ && now_ >= *session_due_;
    if ((will_due_ && now_ >= *will_due_) || (is_over && will_))
      expect_will(wills);
    require(wills == wills_, "a will goes out when it is due");
    require(lives != is_over, "a session ends with its expiry");
    auto next = state_->next_alarm();
    require(!next || *next > now_ || close_wanted_, "an alarm is not due again at once");
    if (is_over) {
      session_due_.reset();
      expiry_ = 0;
    }
    look();
    forget_if_over();
  }

  /// DISCONNECT, perhaps with another expiry.
  void say_goodbye(reason_code reason, std::optional<std::uint32_t> expiry) {
    protocol::property_list properties;
    if (model.is_v5 && expiry)
      properties.add(protocol::property_id::session_expiry_interval, *expiry);
    if (model.is_v5 && expiry && expiry_ == 0 && *expiry != 0) {
      model.goodbye = reason_code::protocol_error;
    } else {
      if (model.is_v5 && expiry)
        expiry_ = *expiry;
      said_goodbye_ = !model.is_v5 || reason == reason_code::success;
    }
    wants_close_ = true;
    say(protocol::packet{protocol::disconnect{model.is_v5 ? reason : reason_code::success, properties}});
    require(!connected(), "DISCONNECT ends the connection");
  }

  void expect_routes(std::size_t count) { routes_due_ += count; }
  void expect_close(reason_code reason) {
    wants_close_ = true;
    if (model.is_v5)
      model.goodbye = reason;
  }

  bool anybody_subscribes = true;
  session_model model;

private:
  static constexpr std::uint32_t never = 0xFFFF'FFFF;

  void begin_session() {
    state_ = std::make_unique<session_state>(*this, bounds_, total_);
    model = session_model{};
    has_session_ = false;
    expiry_ = 0;
    will_ = false;
    will_due_.reset();
    session_due_.reset();
  }

  void forget_if_over() {
    require(state_->over() == (!connected() && expiry_ == 0), "a session is over with its connection and expiry");
    if (state_->over())
      begin_session();
  }

  void take_over() {
    if (model.is_v5)
      model.goodbye = reason_code::session_taken_over;
    wants_close_ = true;
    state_->refuse(reason_code::session_taken_over, {});
    reads_ = true; // what is sent now is the last
    look();
  }

  void end() {
    auto wills = wills_;
    state_->end(reason_code::session_taken_over);
    if (will_)
      expect_will(wills);
    require(wills == wills_, "the end of a session publishes its will");
  }

  void expect_will(std::size_t& wills) {
    ++wills;
    will_ = false;
    will_due_.reset();
  }

  /// The end of a batch: shows the model what was sent.
  void look() {
    require(routes_due_ == 0, "every message of the client is handed on once");
    state_->pump();
    std::vector<std::uint8_t> all;
    state_->to_client.take([&](frame&& each) { all.insert(all.end(), each.view().begin(), each.view().end()); });
    if (meter_ && connected()) {
      meter_->add(all.size());
      if (reads_)
        static_cast<void>(meter_->take(meter_->bytes()));
    }
    for (auto rest = protocol::byte_view{all}; !rest.empty();) {
      auto found = protocol::read_frame(rest, rest.size());
      require(found && found->complete, "whole packets are sent");
      auto body = rest.subspan(found->header.header_size, found->header.body_size);
      auto packet = protocol::decode(found->header, body, version_, protocol::sender::server);
      require(packet.has_value(), "what is sent is well-formed");
      model.saw(*packet);
      rest = rest.subspan(found->header.size());
    }
    require(close_wanted_ == std::exchange(wants_close_, false), "a connection is closed for a reason");
    if (close_wanted_) {
      require(!model.goodbye, "DISCONNECT comes before the close");
      detach();
      return;
    }
    if (connected() && reads_)
      model.at_rest();
    require(state_->queued_messages() == model.count(session_model::message::waits), "what waits is counted");
    require(state_->inflight_messages() == model.messages.size() - model.count(session_model::message::waits),
            "what is on its way is counted");
  }

  bool route(const protocol::publish&, const packet_run& where, bool) override {
    require(routes_due_ >= where.count, "no message of the client is handed on twice");
    routes_due_ -= where.count;
    return anybody_subscribes;
  }
  void retain(message_ptr) override {}
  void subscribe(subscribe_request request) override {
    state_->subscribed({.packet_id = request.packet_id, .codes = {reason_code::success}});
  }
  void unsubscribe(unsubscribe_request request) override {
    state_->unsubscribed({.packet_id = request.packet_id, .codes = {reason_code::success}});
  }
  void close_channel(reason_code) override { close_wanted_ = true; }
  void publish_will(const message&, protocol::properties_view) override { ++wills_; }
  void dropped(reason_code) override { ++drops_; }
  time_point now() const override { return now_; }

  limits bounds_;
  std::shared_ptr<outbound_total> total_ = std::make_shared<outbound_total>();
  std::shared_ptr<outbound_meter> meter_;
  std::unique_ptr<session_state> state_;
  protocol::protocol_version version_{};
  time_point now_{std::chrono::hours{1}};
  time_point last_packet_{};
  std::optional<time_point> will_due_;
  std::optional<time_point> session_due_;
  std::uint32_t expiry_ = 0;
  std::uint32_t will_delay_ = 0;
  std::uint32_t last_number_ = 0;
  std::uint16_t keep_alive_ = 0;
  std::size_t wills_ = 0;
  std::size_t drops_ = 0;
  std::size_t routes_due_ = 0;
  bool has_session_ = false;
  bool will_ = false;
  bool said_goodbye_ = false;
  bool reads_ = true;
  bool close_wanted_ = false;
  bool wants_close_ = false;
};

} // namespace actorbus::fuzz
