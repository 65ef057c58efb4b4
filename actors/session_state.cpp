#include <actorbus/actors/session_state.hpp>

#include <algorithm>
#include <chrono>

#include <actorbus/actors/bridge_trail.hpp>
#include <actorbus/protocol/encode.hpp>
#include <actorbus/protocol/keep_alive.hpp>

namespace actorbus {

using protocol::property_id;
using protocol::reason_code;

namespace {

constexpr std::uint32_t never_expires = 0xFFFF'FFFF;

time_point after(time_point start, std::uint32_t seconds) {
  return start + std::chrono::seconds{seconds};
}

} // namespace

void session_state::attach(const protocol::connect& packet, const std::string& client_id,
                           bool assigned, std::shared_ptr<outbound_meter> meter,
                           std::shared_ptr<const admission> terms) {
  auto present = began_ && !packet.clean_start;
  began_ = true;
  client_id_ = client_id;
  version_ = packet.version;
  is_bridge_ = packet.bridge;
  meter_ = std::move(meter);
  meter_->join(outbound_);
  attached_ = true;
  closing_ = said_goodbye_ = awaits_broker_ = peer_gone_ = false;
  resend_.clear();
  to_client.clear();
  on_wire_ = 0;
  will_due_.reset();
  expires_.reset();

  keep_alive_seconds_ = packet.keep_alive_seconds;
  if (auto most = limits_->keep_alive_seconds_max;
      is_v5() && most != 0 && (keep_alive_seconds_ == 0 || keep_alive_seconds_ > most))
    keep_alive_seconds_ = most;
  last_packet_ = rate_checked_ = host_.now();
  rate_left_ = limits_->publish_burst_max;

  const auto& given = packet.properties;
  if (is_v5()) {
    session_expiry_seconds_ =
        std::min(given.number(property_id::session_expiry_interval).value_or(0),
                 limits_->session_expiry_seconds_max);
  } else {
    session_expiry_seconds_ = packet.clean_start ? 0 : limits_->session_expiry_seconds_max;
  }
  client_receive_maximum_ =
      static_cast<std::uint16_t>(given.number(property_id::receive_maximum).value_or(65'535));
  client_packet_size_max_ =
      given.number(property_id::maximum_packet_size).value_or(protocol::packet_size_bytes_max);
  alias_maximum_out_ = static_cast<std::uint16_t>(
      std::min<std::uint32_t>(given.number(property_id::topic_alias_maximum).value_or(0),
                              limits_->topic_alias_outbound_max));
  aliases_.reset();
  take_terms(std::move(terms));
  take_will(packet);

  if (!answer_connect(packet, assigned, present))
    return;
  for (auto* slot : window_.in_order()) {
    slot->value.on_wire = slot->state == protocol::awaiting::pubcomp;
    if (slot->value.on_wire) { // nothing holds a PUBREL back [v5:MQTT-3.3.4-10]
      ++on_wire_;
      to_client.acknowledge(protocol::packet_type::pubrel, slot->packet_id);
    } else {
      resend_.push_back(slot->packet_id);
    }
  }
}

void session_state::take_will(const protocol::connect& packet) {
  will_ = {};
  will_delay_seconds_ = 0;
  if (!packet.will)
    return;
  will_delay_seconds_ =
      packet.will->properties.number(property_id::will_delay_interval).value_or(0);
  protocol::property_list properties;
  for (const auto& each : packet.will->properties)
    if (each.id != property_id::will_delay_interval)
      properties.add(each);
  protocol::publish message;
  message.topic = packet.will->topic;
  message.payload = packet.will->payload;
  message.qos = packet.will->qos;
  message.retain = packet.will->retain;
  message.properties = properties;
  if (auto expiry = properties.view().number(property_id::message_expiry_interval)) {
    message.has_message_expiry = true;
    message.message_expiry_interval_seconds = *expiry;
  }
  will_ = message::make(message, version_, frame{}, host_.now());
}

// @returns false where the client allows no packet so large [v5:MQTT-3.1.2-24]: it is refused
bool session_state::answer_connect(const protocol::connect& packet, bool assigned, bool present) {
  protocol::connack answer;
  answer.session_present = present && version_ != protocol::protocol_version::v3_1;
  protocol::property_list properties;
  if (is_v5()) {
    auto asked = packet.properties.number(property_id::session_expiry_interval).value_or(0);
    if (asked != session_expiry_seconds_)
      properties.add(property_id::session_expiry_interval, session_expiry_seconds_);
    if (limits_->receive_maximum != 65'535)
      properties.add(property_id::receive_maximum, limits_->receive_maximum);
    if (limits_->packet_size_bytes_max < protocol::packet_size_bytes_max)
      properties.add(property_id::maximum_packet_size, limits_->packet_size_bytes_max);
    if (assigned)
      properties.add(property_id::assigned_client_identifier, client_id_);
    if (limits_->topic_alias_max > 0)
      properties.add(property_id::topic_alias_maximum, limits_->topic_alias_max);
    if (keep_alive_seconds_ != packet.keep_alive_seconds)
      properties.add(property_id::server_keep_alive, keep_alive_seconds_);
    if (!user_property(packet.properties, bus_name_property).empty() && !host_.bus_name().empty())
      properties.add_user(bus_name_property, host_.bus_name());
  }
  answer.properties = properties;
  if (const auto* given = terms(); given && is_v5()) {
    if (!given->method.empty()) // [v5:MQTT-4.12.0-5]
      properties.add(property_id::authentication_method, given->method);
    if (!given->method.empty() && !given->data.empty())
      properties.add(property_id::authentication_data, given->data);
    answer.properties = properties;
    auto all = properties;
    for (const auto& each : given->properties.view())
      all.add(each);
    auto longer = answer;
    longer.properties = all;
    if (client_takes(longer)) { // [v5:MQTT-3.2.2-20]
      to_client.encode(longer, version_);
      return true;
    }
  }
  if (client_takes(answer)) {
    to_client.encode(answer, version_);
    return true;
  }
  protocol::connack refusal{false, reason_code::packet_too_large, {}};
  if (client_takes(refusal))
    to_client.encode(refusal, version_);
  closing_ = true;
  will_ = {};
  if (!present)
    session_expiry_seconds_ = 0;
  host_.close_channel(reason_code::packet_too_large);
  return false;
}

bool session_state::client_takes(const protocol::packet& packet) const noexcept {
  return client_packet_size_max_ == protocol::packet_size_bytes_max ||
         protocol::encoded_size(packet, version_) <= client_packet_size_max_;
}

void session_state::make_aliases() {
  aliases_ = std::make_unique<aliases>(aliases{protocol::inbound_aliases{limits_->topic_alias_max},
                                               protocol::outbound_aliases{alias_maximum_out_}});
}

void session_state::detach(reason_code) {
  if (!attached_)
    return;
  attached_ = false;
  meter_.reset();
  aliases_.reset();
  permit_.reset();
  resend_.clear();
  to_client.clear();
  on_wire_ = 0;
  awaits_broker_ = false;
  if (received_.empty())
    received_.clear(); // gives its memory back

  auto now = detached_at_ = host_.now();
  if (said_goodbye_)
    will_ = {};
  if (will_) {
    // The will goes out after its delay or with the session's end, whichever comes first
    // [v5:MQTT-3.1.3-9].
    auto delay = std::min(will_delay_seconds_, session_expiry_seconds_);
    if (delay == 0)
      publish_will();
    else
      will_due_ = after(now, delay);
  }
  if (session_expiry_seconds_ != 0 && session_expiry_seconds_ != never_expires)
    expires_ = after(now, session_expiry_seconds_);
}

std::vector<session_state::undelivered> session_state::take_undelivered() {
  std::vector<undelivered> result;
  for (auto* slot : window_.in_order())
    if (slot->value.group != 0 && slot->state == protocol::awaiting::puback) {
      result.push_back({slot->value.value, slot->value.group});
      complete(*slot);
    }
  for (auto left = queue_.size(); left > 0; --left) {
    auto item = queue_.pop_front();
    if (item.group == 0) {
      queue_.push_back(std::move(item));
      continue;
    }
    stored_bytes_ -= item.value->size_bytes();
    result.push_back({std::move(item.value), item.group});
  }
  return result;
}

void session_state::clear() {
  window_.clear();
  queue_.clear();
  pushed_back_.clear();
  received_.clear();
  stored_bytes_ = queued_retained_ = pushed_back_bytes_ = 0;
  will_ = {};
}

void session_state::end(reason_code reason) {
  if (attached_ && !closing_) {
    refuse(reason, {});
    session_expiry_seconds_ = 0;
    if (reason == reason_code::server_shutting_down)
      will_ = {};
    return;
  }
  session_expiry_seconds_ = 0;
  if (will_ && reason != reason_code::server_shutting_down)
    publish_will();
}

void session_state::publish_will() {
  will_due_.reset();
  auto will = std::move(will_);
  will_ = {};
  auto waited = std::chrono::floor<std::chrono::milliseconds>(host_.now() - detached_at_);
  auto expiry = will->properties().number(property_id::message_expiry_interval);
  if (expiry && waited.count() > 0 && protocol::remaining_seconds(*expiry, waited) == 0)
    return host_.dropped(reason_code::success); // [v5:MQTT-3.3.2-5]
  if (!may_speak_of(will->topic()))
    return host_.dropped(reason_code::not_authorized);
  host_.publish_will(*will, will->properties_after(waited));
}

void session_state::refuse(reason_code reason, std::string_view why) {
  if (closing_)
    return;
  closing_ = true;
  if (is_v5()) {
    protocol::property_list properties;
    properties.add(property_id::reason_string, why.empty() ? protocol::to_string(reason) : why);
    protocol::packet goodbye = protocol::disconnect{reason, properties};
    if (!client_takes(goodbye)) // [v5:MQTT-3.14.2-3]
      goodbye = protocol::disconnect{reason, {}};
    to_client.encode(goodbye, version_);
  }
  host_.close_channel(reason);
}

bool session_state::on_alarm() {
  auto now = host_.now();
  if (attached_ && !closing_ && keep_alive_seconds_ != 0 &&
      now >= last_packet_ + protocol::keep_alive_timeout(keep_alive_seconds_))
    refuse(reason_code::keep_alive_timeout, {});
  if (authentication_overdue())
    refuse(reason_code::not_authorized, "authentication took too long");
  if (will_due_ && now >= *will_due_)
    publish_will();
  if (expires_ && now >= *expires_) {
    expires_.reset();
    session_expiry_seconds_ = 0;
    if (will_)
      publish_will();
  }
  return !over();
}

void session_state::describe(session_figures& into) const {
  into.client_id = client_id_;
  into.version = version_;
  into.connected = attached_;
  into.queued_messages = queue_.size();
  into.inflight = window_.size();
  into.stored_bytes = stored_bytes_;
}

std::optional<time_point> session_state::next_alarm() const {
  std::optional<time_point> next;
  auto consider = [&next](time_point when) {
    if (!next || when < *next)
      next = when;
  };
  if (attached_ && !closing_ && keep_alive_seconds_ != 0)
    consider(last_packet_ + protocol::keep_alive_timeout(keep_alive_seconds_));
  if (attached_ && !closing_ && permit_ && permit_->whose != permit::turn::nobody)
    consider(permit_->due);
  if (will_due_)
    consider(*will_due_);
  if (expires_)
    consider(*expires_);
  return next;
}

} // namespace actorbus
