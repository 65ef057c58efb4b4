// What the broker sends to a client.

#include <actorbus/actors/client_state.hpp>

#include <exception>

#include <actorbus/actors/encoding.hpp>
#include <actorbus/protocol/encode.hpp>

namespace actorbus {

using protocol::awaiting;
using protocol::errc;
using protocol::packet_type;
using protocol::property_id;
using protocol::qos;
using protocol::reason_code;

void client_state::receive(const frame& packets) {
  auto input = packets.view();
  while (!input.empty() && !failure) {
    auto found = protocol::read_frame(input, protocol::packet_size_bytes_max);
    if (!found || !found->complete)
      return fail(found ? errc::truncated : found.error());
    const auto& header = found->header;
    auto body = input.subspan(header.header_size, header.body_size);
    input = input.subspan(header.size());
    if (header.type == packet_type::publish) {
      protocol::publish packet;
      auto fault = protocol::decode_publish(header, body, options_.version,
                                            protocol::sender::server, packet);
      if (fault != errc::none)
        return fail(fault);
      on_publish(packet, packets);
      continue;
    }
    auto decoded = protocol::decode(header, body, options_.version, protocol::sender::server);
    if (!decoded)
      return fail(decoded.error());
    std::visit([this](const auto& packet) { on(packet); }, *decoded);
  }
}

void client_state::fail(errc cause) {
  auto reason = protocol::to_reason_code(cause);
  if (options_.version == protocol::protocol_version::v5 && connected_)
    to_broker.encode(protocol::disconnect{reason, {}}, options_.version);
  failure = outcome{reason, std::string{protocol::to_string(cause)}};
}

template <class Unexpected>
void client_state::on(const Unexpected&) {
  fail(errc::wrong_sender);
}

outcome client_state::outcome_of(reason_code code, protocol::properties_view properties) const {
  outcome result;
  result.by_peer = true;
  result.code = code;
  result.text = properties.text(property_id::reason_string).value_or("");
  if (result.text.empty() && protocol::is_error(code))
    result.text = protocol::to_string(code);
  if (code == reason_code::use_another_server || code == reason_code::server_moved)
    result.server_reference = properties.text(property_id::server_reference).value_or("");
  return result;
}

// -- connection ----------------------------------------------------------------------------------

void client_state::on(const protocol::connack& packet) {
  auto result = outcome_of(packet.code, packet.properties);
  result.session_present = packet.session_present;
  if (result && packet.session_present && begins_anew_) // [v5:MQTT-3.2.2-4]
    result = {reason_code::protocol_error, "the broker resumes a session that was to begin anew"};
  if (result && exchange_ && !(is_same_method(packet.properties) && trusts(packet.properties)))
    result = *failure;
  if (result) {
    connected_ = was_welcome_ = true;
    learn(packet);
    result.client_id = options_.client_id;
    if (auto prefix = packet.properties.text(property_id::response_information))
      result.response_information = *prefix;
    if (packet.session_present)
      resume();
    else
      begin_anew();
  } else {
    failure = result;
  }
  auto is_welcome = static_cast<bool>(result);
  if (is_welcome && events_.on_connected)
    events_.on_connected(result);
  if (auto done = std::exchange(connecting_, nullptr))
    done(std::move(result));
}

// What the broker says that it takes, and wants.
void client_state::learn(const protocol::connack& packet) {
  auto number = [&](property_id id, std::uint32_t otherwise) {
    return packet.properties.number(id).value_or(otherwise);
  };
  broker_receive_maximum_ =
      static_cast<std::uint16_t>(number(property_id::receive_maximum, 65'535));
  broker_packet_size_max_ =
      number(property_id::maximum_packet_size, protocol::packet_size_bytes_max);
  broker_maximum_qos_ = static_cast<qos>(number(property_id::maximum_qos, 2));
  broker_retains_ = number(property_id::retain_available, 1) != 0;
  broker_wildcards_ = number(property_id::wildcard_subscription_available, 1) != 0;
  broker_identifies_ = number(property_id::subscription_identifier_available, 1) != 0;
  broker_shares_ = number(property_id::shared_subscription_available, 1) != 0;
  keep_alive_seconds_ = static_cast<std::uint16_t>(
      number(property_id::server_keep_alive, options_.keep_alive_seconds));
  if (auto assigned = packet.properties.text(property_id::assigned_client_identifier))
    options_.client_id = *assigned;
}

void client_state::on(const protocol::disconnect& packet) {
  failure = outcome_of(packet.code, packet.properties);
}

// -- messages ------------------------------------------------------------------------------------

void client_state::on_publish(protocol::publish& packet, const frame& source) {
  if (packet.topic_alias != 0)
    if (auto fault = aliases_.resolve(packet.topic_alias, packet.topic); fault != errc::none)
      return fail(fault);
  if (events_.accepts && !events_.accepts())
    return;
  if (packet.qos == qos::exactly_once && is_known(packet.packet_id)) {
    if (received_.contains(packet.packet_id))
      to_broker.acknowledge(packet_type::pubrec, packet.packet_id);
    return;
  }
  auto owed = hand_on({packet.topic, protocol::as_text(packet.payload), packet.qos, packet.retain,
                       packet.dup, packet.properties, source, packet.packet_id, connection_});
  if (packet.qos != qos::at_most_once && !failure)
    acknowledge_when(packet.packet_id, packet.qos, owed);
}

// @returns how many of those who got it will acknowledge it themselves
std::uint16_t client_state::hand_on(const incoming_message& message) {
  const auto& receivers = subscriptions_.find(message.topic, message.properties);
  std::uint16_t owed = 0;
  auto is_for_owner = receivers.empty();
  for (const auto* each : receivers) {
    owed = static_cast<std::uint16_t>(owed + (each->manual_acknowledgement ? 1 : 0));
    if (each->handler)
      call(each->handler, message);
    else
      is_for_owner = true;
  }
  if (is_for_owner && events_.on_message)
    call(events_.on_message, message);
  return message.qos == qos::at_most_once ? std::uint16_t{0} : owed;
}

// What the application throws is its owner's to know, and no reason to lose others' messages.
void client_state::call(const message_handler& handler, const incoming_message& message) {
  outcome fault{reason_code::implementation_specific_error, {}};
  auto is_payload = false;
  try {
    handler(message);
    return;
  } catch (const payload_error& error) { // no fault of the program's
    is_payload = true;
    fault.code = reason_code::payload_format_invalid;
    fault.text = error.what();
  } catch (const std::exception& error) {
    fault.text = error.what();
  } catch (...) {
    fault.text = "something that is no std::exception";
  }
  auto topic = std::string{message.topic};
  fault.text = is_payload ? "the payload of a message to " + topic + ": " + fault.text
                          : "the handler of a message to " + topic + " threw: " + fault.text;
  if (events_.on_fault)
    events_.on_fault(fault);
  else if (!failure && !is_payload)
    failure = std::move(fault);
}

bool client_state::is_known(protocol::packet_id id) {
  if (received_.contains(id))
    return true;
  for (std::size_t i = 0; i < unacknowledged_.size(); ++i)
    if (unacknowledged_[i].packet_id == id && unacknowledged_[i].qos == qos::exactly_once)
      return true;
  return false;
}

void client_state::acknowledge_when(protocol::packet_id id, qos quality, std::uint16_t owed) {
  unacknowledged item{id, quality, owed, {}};
  if (owed == 0 && unacknowledged_.empty())
    send_acknowledgement(item);
  else
    unacknowledged_.push_back(item);
}

void client_state::acknowledge(protocol::packet_id id, std::uint32_t connection, reason_code code) {
  if (connection != connection_ || !connected_)
    return;
  for (std::size_t i = 0; i < unacknowledged_.size(); ++i) {
    auto& item = unacknowledged_[i];
    if (item.packet_id != id || item.owed == 0)
      continue;
    --item.owed;
    if (protocol::is_error(code))
      item.code = code;
    break;
  }
  while (!unacknowledged_.empty() && unacknowledged_.front().owed == 0)
    send_acknowledgement(unacknowledged_.pop_front());
}

void client_state::send_acknowledgement(const unacknowledged& what) {
  auto is_refused =
      protocol::is_error(what.code) && options_.version == protocol::protocol_version::v5;
  if (what.qos == qos::exactly_once && !is_refused)
    received_.insert(what.packet_id);
  if (!is_refused)
    to_broker.acknowledge(
        what.qos == qos::at_least_once ? packet_type::puback : packet_type::pubrec, what.packet_id);
  else if (what.qos == qos::at_least_once)
    to_broker.encode(protocol::puback{what.packet_id, what.code, {}}, options_.version);
  else
    to_broker.encode(protocol::pubrec{what.packet_id, what.code, {}}, options_.version);
}

void client_state::on(const protocol::pubrel& packet) {
  received_.erase(packet.packet_id);
  to_broker.acknowledge(packet_type::pubcomp, packet.packet_id);
}

// -- answers -------------------------------------------------------------------------------------

void client_state::on(const protocol::puback& packet) {
  auto* slot = window_.find(packet.packet_id);
  if (slot && slot->state == awaiting::puback)
    finish(*slot, outcome_of(packet.code, packet.properties));
}

void client_state::on(const protocol::pubrec& packet) {
  auto* slot = window_.find(packet.packet_id);
  if (slot && slot->state == awaiting::pubrec && protocol::is_error(packet.code)) {
    finish(*slot, outcome_of(packet.code, packet.properties));
    return;
  }
  if (slot && slot->state == awaiting::pubrec) {
    slot->state = awaiting::pubcomp;
    slot->value.message = {};
    slot->value.encoded = {};
  }
  to_broker.acknowledge(packet_type::pubrel, packet.packet_id);
}

void client_state::on(const protocol::pubcomp& packet) {
  auto* slot = window_.find(packet.packet_id);
  if (!slot || slot->state != awaiting::pubcomp)
    return;
  // After a resumption no error: the broker was done before the link broke (3.7.2.1).
  auto was_done = packet.code == reason_code::packet_identifier_not_found;
  finish(*slot, outcome_of(was_done ? reason_code::success : packet.code, packet.properties));
}

void client_state::on(const protocol::suback& packet) {
  finish_list(packet.packet_id, awaiting::suback, packet.codes, packet.properties);
}

void client_state::on(const protocol::unsuback& packet) {
  finish_list(packet.packet_id, awaiting::unsuback, packet.codes, packet.properties);
}

void client_state::finish_list(protocol::packet_id id, awaiting state, protocol::byte_view codes,
                               protocol::properties_view properties) {
  auto* slot = window_.find(id);
  if (!slot || slot->state != state)
    return;
  auto result = outcome_of(reason_code::success, properties);
  for (auto code : codes) {
    result.codes.push_back(static_cast<reason_code>(code));
    if (protocol::is_error(result.codes.back())) {
      result.code = result.codes.back();
      if (result.text.empty())
        result.text = protocol::to_string(result.code);
    }
  }
  if (slot->value.list)
    note_answer(*slot->value.list, result);
  finish(*slot, std::move(result));
}

// Handlers come and go with what the broker has granted.
void client_state::note_answer(const list_request& list, const outcome& result) {
  for (std::size_t i = 0; i < list.filters.size(); ++i) {
    auto is_refused = i < result.codes.size() && protocol::is_error(result.codes[i]);
    if (!list.subscription) {
      if (!is_refused)
        subscriptions_.remove(list.filters[i]);
      continue;
    }
    if (!is_refused) {
      list.subscription->stands = true;
      continue;
    }
    subscriptions_.remove(list.filters[i], list.subscription.get());
    if (list.again && events_.on_fault)
      events_.on_fault({result.codes[i],
                        "subscribing " + list.filters[i] +
                            " again after a reconnect was refused: " +
                            std::string{protocol::to_string(result.codes[i])},
                        {},
                        false,
                        {},
                        true});
  }
}

} // namespace actorbus
