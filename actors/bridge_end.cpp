#include <actorbus/actors/bridge_end.hpp>

#include <algorithm>
#include <utility>

#include <actorbus/actors/bridge_trail.hpp>
#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/encode.hpp>
#include <actorbus/protocol/topic.hpp>

namespace actorbus {

using protocol::awaiting;
using protocol::errc;
using protocol::packet_type;
using protocol::property_id;
using protocol::protocol_version;
using protocol::qos;
using protocol::reason_code;

namespace {

/// The highest identifier that an end uses: few more than can be in use, since a later life must
/// release them all.
protocol::packet_id highest_identifier(std::uint16_t in_use_max) {
  return static_cast<protocol::packet_id>(
      std::clamp<std::uint32_t>(in_use_max * 2U, 1'024, 65'535));
}

/// Some brokers hang up on who releases what they don't know, as aedes does: after so many links
/// without an answer it is left alone.
constexpr unsigned releases_max = 3;

} // namespace

bridge_end::bridge_end(bridge_end_host& host, bridge_end_options options)
    : host_(host),
      options_(std::move(options)),
      window_(highest_identifier(options_.receive_maximum)) {}

void bridge_end::connect() {
  allowed_ = {};
  allowed_.keep_alive_seconds = options_.keep_alive_seconds;
  failure.reset();
  awaits_ping_ = false;
  to_broker.clear();
  protocol::connect packet;
  packet.version = options_.version;
  packet.bridge = options_.bridge_bit;
  packet.clean_start = options_.clean_session;
  packet.keep_alive_seconds = options_.keep_alive_seconds;
  packet.client_id = options_.client_id;
  if (options_.user_name)
    packet.user_name = *options_.user_name;
  auto knows_password = options_.version == protocol_version::v5 || options_.user_name;
  if (options_.password && knows_password) // [v3:MQTT-3.1.2-22]
    packet.password = protocol::as_bytes(*options_.password);
  if (!options_.will_topic.empty())
    packet.will =
        protocol::will{options_.will_topic, protocol::as_bytes("0"), qos::at_least_once, true, {}};
  protocol::property_list properties;
  if (options_.version == protocol_version::v5) {
    if (!options_.clean_session && options_.session_expiry_seconds != 0)
      properties.add(property_id::session_expiry_interval, options_.session_expiry_seconds);
    properties.add(property_id::receive_maximum, options_.receive_maximum);
    if (options_.packet_size_bytes_max != 0)
      properties.add(property_id::maximum_packet_size, options_.packet_size_bytes_max);
    if (!options_.bus_name.empty())
      properties.add_user(bus_name_property, options_.bus_name);
  }
  packet.properties = properties;
  to_broker.encode(packet, options_.version);
}

void bridge_end::receive(const frame& packets) {
  auto input = packets.view();
  auto offset = packets.offset;
  while (!input.empty() && !failure) {
    auto found = protocol::read_frame(input, protocol::packet_size_bytes_max);
    if (!found || !found->complete)
      return fail(std::string{protocol::to_string(found ? errc::truncated : found.error())});
    const auto& header = found->header;
    auto body = input.subspan(header.header_size, header.body_size);
    auto size = static_cast<std::uint32_t>(header.size());
    if (header.type == packet_type::publish) {
      protocol::publish packet;
      auto fault = protocol::decode_publish(header, body, options_.version,
                                            protocol::sender::server, packet);
      if (fault != errc::none)
        return fail(std::string{protocol::to_string(fault)});
      on_publish(packet, frame{packets.bytes, offset, size});
    } else if (header.type == packet_type::connack && header.body_size == 2 &&
               options_.version == protocol_version::v5) {
      // A broker that knows no 5.0 says so in its own tongue, without properties.
      on(protocol::connack{.code = reason_code::unsupported_protocol_version});
    } else {
      auto decoded = protocol::decode(header, body, options_.version, protocol::sender::server);
      if (!decoded)
        return fail(std::string{protocol::to_string(decoded.error())});
      std::visit([this](const auto& packet) { on(packet); }, *decoded);
    }
    input = input.subspan(size);
    offset += size;
  }
}

void bridge_end::fail(std::string why) {
  failure = std::move(why);
}

template <class Other>
void bridge_end::on(const Other&) {
  fail("the broker sent a packet that is not for clients");
}

void bridge_end::on(const protocol::disconnect& packet) {
  auto text = packet.properties.text(property_id::reason_string).value_or("");
  fail("the broker says: " + std::string{text.empty() ? protocol::to_string(packet.code) : text});
}

// -- CONNACK --------------------------------------------------------------------------------------

void bridge_end::on(const protocol::connack& packet) {
  if (up_)
    return fail("the broker sent a second CONNACK");
  auto text = packet.properties.text(property_id::reason_string).value_or("");
  std::string words{text.empty() ? protocol::to_string(packet.code) : text};
  if (protocol::is_error(packet.code)) {
    host_.connected(*this, packet.code, words);
    fail("the broker refused the connection: " + words);
    return;
  }
  up_ = true;
  read_allowance(packet);
  // MQTT 3.1 doesn't tell: a session that was asked for is there.
  auto present =
      options_.version == protocol_version::v3_1 ? !options_.clean_session : packet.session_present;
  begin_session(present);
  host_.connected(*this, packet.code, {});
  subscribe();
  has_subscribed_ = has_subscribed_ || !asks_;
}

void bridge_end::read_allowance(const protocol::connack& packet) {
  auto number = [&](property_id id, std::uint32_t otherwise) {
    return packet.properties.number(id).value_or(otherwise);
  };
  allowed_.receive_maximum =
      static_cast<std::uint16_t>(number(property_id::receive_maximum, 65'535));
  allowed_.packet_size_bytes_max =
      number(property_id::maximum_packet_size, protocol::packet_size_bytes_max);
  allowed_.maximum_qos = static_cast<qos>(number(property_id::maximum_qos, 2));
  allowed_.retain = number(property_id::retain_available, 1) != 0;
  allowed_.wildcards = number(property_id::wildcard_subscription_available, 1) != 0;
  allowed_.shares = number(property_id::shared_subscription_available, 1) != 0;
  allowed_.keep_alive_seconds = static_cast<std::uint16_t>(
      number(property_id::server_keep_alive, options_.keep_alive_seconds));
  allowed_.bus_name = user_property(packet.properties, bus_name_property);
}

// What an earlier link left unanswered goes first, under the old identifiers and in the old order
// [v5:MQTT-4.4.0-1]. A broker that has lost its session gets it as if it were new; but what it
// had taken over (PUBREC) is its own affair.
void bridge_end::begin_session(bool present) {
  on_wire_ = 0;
  resend_.clear();
  resend_as_dup_ = present;
  inherits_ = present && (inherits_ || !has_session_);
  has_session_ = true;
  if (inherits_)
    release_inherited();
  if (!present) {
    has_subscribed_ = false;
    held_.clear();
    ++session_;
    debts_.reset();
  }
  for (auto* slot : window_.in_order()) {
    slot->value.on_wire = false;
    if (slot->state == awaiting::suback || slot->state == awaiting::unsuback ||
        (slot->state == awaiting::pubcomp && !present)) {
      window_.erase(*slot);
    } else if (slot->state == awaiting::pubcomp) {
      slot->value.on_wire = true;
      ++on_wire_;
      to_broker.acknowledge(packet_type::pubrel, slot->packet_id);
    } else {
      resend_.push_back(slot->packet_id);
    }
  }
}

// Of what an earlier life has left under way nothing is known here. Under an identifier that waits
// for its PUBREL a new message of QoS 2 would pass for the old one sent again, and be thrown away;
// and what waits counts against the receive maximum. So all identifiers are released, and nothing
// is sent under one before the broker has said so of the last.
void bridge_end::release_inherited() {
  auto is_needed = options_.sends_exactly_once && allowed_.maximum_qos == qos::exactly_once;
  if (!is_needed || ++releases_ > releases_max) {
    inherits_ = false;
    return;
  }
  for (std::uint32_t id = 1; id <= window_.highest(); ++id)
    to_broker.acknowledge(packet_type::pubrel, static_cast<protocol::packet_id>(id));
}

// -- subscriptions --------------------------------------------------------------------------------

void bridge_end::want(filter_list filters) {
  options_.filters = std::move(filters);
  if (up_)
    subscribe();
}

// Makes the subscriptions of the broker's session those that are wanted, with one request at a
// time: first what is missing, so that nothing is missed between an old filter and a wider one.
void bridge_end::subscribe() {
  if (asks_)
    return;
  std::vector<std::uint8_t> raw;
  asked_.clear();
  for (const auto& [filter, quality] : options_.filters) {
    if (auto known = held_.find(filter); known != held_.end() && known->second == hold::certain)
      continue;
    auto is_shared = protocol::split_share(filter).is_shared();
    protocol::append_entry(raw,
                           protocol::subscription{filter, quality, !is_shared, // [v5:MQTT-3.8.3-4]
                                                  true, protocol::retain_handling::send_if_new},
                           options_.version);
    held_[filter] = hold::unsure;
    asked_.push_back(filter);
  }
  if (raw.empty())
    return unsubscribe();
  asks_ = true;
  protocol::subscribe packet;
  packet.packet_id = window_.insert(awaiting::suback, {}).packet_id;
  packet.entries = protocol::entry_list<protocol::subscription>{raw};
  to_broker.encode(packet, options_.version);
}

void bridge_end::unsubscribe() {
  std::vector<std::uint8_t> raw;
  for (auto& [filter, state] : held_) {
    auto is_this = [&wanted = filter](const auto& each) { return each.first == wanted; };
    if (std::any_of(options_.filters.begin(), options_.filters.end(), is_this))
      continue;
    protocol::append_entry(raw, std::string_view{filter});
    state = hold::unsure;
    asked_.push_back(filter);
  }
  if (raw.empty())
    return;
  asks_ = true;
  protocol::unsubscribe packet;
  packet.packet_id = window_.insert(awaiting::unsuback, {}).packet_id;
  packet.entries = protocol::entry_list<std::string_view>{raw};
  to_broker.encode(packet, options_.version);
}

void bridge_end::on(const protocol::suback& packet) {
  auto* slot = window_.find(packet.packet_id);
  if (!slot || slot->state != awaiting::suback)
    return;
  window_.erase(*slot);
  asks_ = false;
  has_subscribed_ = true;
  for (const auto& each : asked_)
    held_[each] = hold::certain;
  host_.subscribed(*this, asked_, packet.codes);
  subscribe();
}

void bridge_end::on(const protocol::unsuback& packet) {
  auto* slot = window_.find(packet.packet_id);
  if (!slot || slot->state != awaiting::unsuback)
    return;
  window_.erase(*slot);
  asks_ = false;
  for (const auto& each : asked_)
    held_.erase(each);
  subscribe();
}

// -- from the broker ------------------------------------------------------------------------------

bridge_end::debt_state& bridge_end::debt_of(protocol::packet_id id) {
  if (!debts_)
    debts_ = std::make_unique<debts>();
  return (*debts_)[id];
}

void bridge_end::on_publish(protocol::publish& packet, const frame& source) {
  bridge_debt debt{packet.packet_id, packet.qos, session_, options_.version};
  if (packet.qos != qos::at_most_once) {
    auto& state = debt_of(packet.packet_id);
    if (state == debt_state::open)
      return; // sent again on a new link: it is on its way already
    if (state == debt_state::paid)
      return pay(debt);
    state = debt_state::open;
  }
  host_.arrived(*this, packet, source, debt);
}

// A QoS 1 message is done with when the answer has left; while there is no link the broker will
// send it again, and is answered then. One of QoS 2 is done with at its PUBREL.
void bridge_end::pay(const bridge_debt& debt) {
  if (debt.packet_id == 0 || debt.session != session_)
    return;
  auto& state = debt_of(debt.packet_id);
  state = debt_state::paid;
  if (!up_)
    return;
  if (debt.quality == qos::at_least_once) {
    to_broker.acknowledge(packet_type::puback, debt.packet_id);
    state = debt_state::none;
  } else {
    to_broker.acknowledge(packet_type::pubrec, debt.packet_id);
  }
}

void bridge_end::on(const protocol::pubrel& packet) {
  debt_of(packet.packet_id) = debt_state::none;
  to_broker.acknowledge(packet_type::pubcomp, packet.packet_id);
}

// -- to the broker --------------------------------------------------------------------------------

bool bridge_end::window_open() const noexcept {
  return up_ && !inherits_ &&
         on_wire_ < std::min(allowed_.receive_maximum, options_.receive_maximum);
}

// Bends a message to what the broker takes. @returns false if it takes it in no form
bool bridge_end::fits(protocol::publish& packet) {
  packet.qos = std::min(packet.qos, allowed_.maximum_qos); // [v5:MQTT-3.2.2-11]
  packet.retain = packet.retain && allowed_.retain;        // [v5:MQTT-3.2.2-14]
  packet.dup = false;
  packet.packet_id = 1;
  return allowed_.packet_size_bytes_max == protocol::packet_size_bytes_max ||
         protocol::encoded_size(packet, options_.version) <= allowed_.packet_size_bytes_max;
}

void bridge_end::publish(protocol::publish& packet, const frame& source, const bridge_debt& debt) {
  auto waits = packet.qos != qos::at_most_once ||
               (!up_ && options_.keeps_at_most_once && waiting_.size() < options_.receive_maximum);
  if (!waits && (!up_ || congested)) {
    host_.dropped(*this, debt, reason_code::success);
    return;
  }
  item what{source, debt, {}, false};
  auto in_turn = waiting_.empty() && resend_.empty();
  if (!waits || (in_turn && window_open())) {
    send(packet, std::move(what));
    return;
  }
  what.received = packet.has_message_expiry ? host_.now() : time_point{};
  waiting_.push_back(std::move(what));
}

void bridge_end::send(protocol::publish& packet, item what) {
  if (!fits(packet)) { // [v5:MQTT-3.2.2-15]
    host_.dropped(*this, what.debt, reason_code::packet_too_large);
    return;
  }
  if (packet.qos == qos::at_most_once) {
    packet.packet_id = 0;
    to_broker.encode(packet, options_.version);
    host_.settled(*this, what.debt, reason_code::success);
    return;
  }
  what.on_wire = true;
  ++on_wire_;
  auto state = packet.qos == qos::at_least_once ? awaiting::puback : awaiting::pubrec;
  packet.packet_id = window_.insert(state, std::move(what)).packet_id;
  to_broker.encode(packet, options_.version);
}

void bridge_end::resend_one() {
  auto* slot = window_.find(resend_.pop_front());
  if (!slot || (slot->state != awaiting::puback && slot->state != awaiting::pubrec))
    return;
  protocol::publish packet;
  auto quality = slot->state == awaiting::puback ? qos::at_least_once : qos::exactly_once;
  if (!host_.translate(*this, slot->value.source, slot->value.debt, slot->value.received, packet) ||
      !fits(packet)) {
    auto debt = slot->value.debt;
    window_.erase(*slot);
    host_.dropped(*this, debt, reason_code::success);
    return;
  }
  packet.qos = quality;
  packet.dup = resend_as_dup_;
  packet.packet_id = slot->packet_id;
  slot->value.on_wire = true;
  ++on_wire_;
  to_broker.encode(packet, options_.version);
}

void bridge_end::pump() {
  while (!resend_.empty() && window_open())
    resend_one();
  while (!waiting_.empty() && resend_.empty() && window_open()) {
    auto what = waiting_.pop_front();
    protocol::publish packet;
    if (host_.translate(*this, what.source, what.debt, what.received, packet)) {
      send(packet, std::move(what));
    } else {
      host_.dropped(*this, what.debt, reason_code::success);
    }
  }
}

void bridge_end::announce(std::string_view topic, std::string_view payload) {
  if (!up_)
    return;
  protocol::publish packet;
  packet.topic = topic;
  packet.payload = protocol::as_bytes(payload);
  packet.retain = true;
  to_broker.encode(packet, options_.version);
}

// The slot's message is the broker's now.
void bridge_end::settle(window::slot& slot, reason_code code) {
  auto debt = slot.value.debt;
  if (slot.value.on_wire)
    --on_wire_;
  window_.erase(slot);
  host_.settled(*this, debt, code);
}

void bridge_end::on(const protocol::puback& packet) {
  auto* slot = window_.find(packet.packet_id);
  if (slot && slot->state == awaiting::puback)
    settle(*slot, packet.code);
}

void bridge_end::on(const protocol::pubrec& packet) {
  auto* slot = window_.find(packet.packet_id);
  if (slot && slot->state == awaiting::pubrec) {
    if (protocol::is_error(packet.code)) { // [v5:MQTT-4.3.3-4]
      settle(*slot, packet.code);
      return;
    }
    auto debt = slot->value.debt;
    slot->state = awaiting::pubcomp;
    slot->value.source = {};
    if (!std::exchange(slot->value.on_wire, true))
      ++on_wire_;
    host_.settled(*this, debt, packet.code);
  }
  to_broker.acknowledge(packet_type::pubrel, packet.packet_id);
}

void bridge_end::on(const protocol::pubcomp& packet) {
  if (packet.packet_id == window_.highest())
    inherits_ = false;
  auto* slot = window_.find(packet.packet_id);
  if (!slot || slot->state != awaiting::pubcomp)
    return;
  if (slot->value.on_wire)
    --on_wire_;
  window_.erase(*slot);
}

// A broker that answers this has taken what came before, even if it says nothing to identifiers
// that it doesn't know.
void bridge_end::on(const protocol::pingresp&) {
  awaits_ping_ = false;
  inherits_ = false;
}

void bridge_end::ping() {
  awaits_ping_ = true;
  to_broker.encode(protocol::pingreq{}, options_.version);
}

void bridge_end::disconnect() {
  if (up_)
    to_broker.encode(protocol::disconnect{}, options_.version);
}

void bridge_end::lost() {
  up_ = false;
  asks_ = false;
  awaits_ping_ = false;
  to_broker.clear();
}

} // namespace actorbus
