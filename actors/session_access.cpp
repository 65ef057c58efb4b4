// Who the client is, and what it may do.

#include <actorbus/actors/session_state.hpp>

#include <chrono>

#include <actorbus/actors/own_topics.hpp>

namespace actorbus {

using protocol::packet_type;
using protocol::property_id;
using protocol::qos;
using protocol::reason_code;

void session_state::take_terms(std::shared_ptr<const admission> terms) {
  permit_.reset();
  if (!terms)
    return;
  permit_ = std::make_unique<permit>();
  permit_->rights = access_rights{terms->allowed, client_id_, terms->user_name};
  permit_->terms = std::move(terms);
}

/// Whether the client may speak where the bus does.
bool session_state::may_speak_of(std::string_view topic) const {
  return !topic.starts_with(own_topics) || speaks_for_bus_ ||
         (is_own_state(topic, client_id_) && !host_.is_bridge(client_id_));
}

bool session_state::may_publish(std::string_view topic) {
  if (!may_speak_of(topic))
    return false;
  return !permit_ || permit_->rights.may_publish(topic);
}

bool session_state::may_subscribe(std::string_view filter) const noexcept {
  return !permit_ || permit_->rights.may_subscribe(filter);
}

// Clients before 5.0 can't be told: they are answered as if all were well.
void session_state::refuse_publish(const protocol::publish& packet, std::uint32_t count,
                                   reason_code code) {
  for (std::uint32_t i = 0; i < count; ++i)
    host_.dropped(code);
  if (packet.qos == qos::at_most_once)
    return;
  auto type = packet.qos == qos::at_least_once ? packet_type::puback : packet_type::pubrec;
  if (!is_v5())
    to_client.acknowledge(type, packet.packet_id);
  else if (type == packet_type::puback)
    to_client.encode(protocol::puback{packet.packet_id, code, {}}, version_);
  else
    to_client.encode(protocol::pubrec{packet.packet_id, code, {}}, version_);
}

// A client that authenticates anew (4.12.1). What else it sends meanwhile counts as before.
void session_state::on(const protocol::auth& packet) {
  if (!permit_ || permit_->terms->method.empty()) { // [v5:MQTT-4.12.0-7]
    refuse(reason_code::protocol_error, "AUTH without an authentication method in CONNECT");
    return;
  }
  // [v5:MQTT-4.12.1-1]
  if (packet.properties.text(property_id::authentication_method) != permit_->terms->method) {
    refuse(reason_code::protocol_error, "another authentication method than in CONNECT");
    return;
  }
  auto begins = packet.code == reason_code::re_authenticate;
  if (permit_->whose != (begins ? permit::turn::nobody : permit::turn::client)) {
    refuse(reason_code::protocol_error, "AUTH out of turn");
    return;
  }
  if (begins)
    permit_->due = host_.now() + std::chrono::milliseconds{limits_->authentication_timeout_ms};
  permit_->whose = permit::turn::authenticator;
  host_.authenticate(begins, packet.properties.text(property_id::authentication_data).value_or(""));
}

void session_state::authenticated(const verdict& answer) {
  if (!attached_ || closing_ || !permit_ || permit_->whose != permit::turn::authenticator)
    return;
  if (answer.code == reason_code::continue_authentication) {
    permit_->whose = permit::turn::client;
    send_auth(answer.code, answer.data); // [v5:MQTT-4.12.0-2]
    return;
  }
  const auto& before = *permit_->terms;
  auto is_same_user = answer.user_name.empty() || answer.user_name == before.user_name;
  if (answer.code != reason_code::success || !is_same_user) { // [v5:MQTT-4.12.1-2]
    auto is_allowed = protocol::is_allowed(static_cast<std::uint8_t>(answer.code),
                                           packet_type::disconnect, protocol::sender::server);
    refuse(is_allowed && protocol::is_error(answer.code) ? answer.code
                                                         : reason_code::not_authorized,
           answer.reason_string);
    return;
  }
  auto terms = std::make_shared<admission>(before);
  terms->allowed.back() = answer.allowed;
  auto data = answer.data;
  take_terms(std::move(terms));
  send_auth(reason_code::success, data);
}

// Says the method's name in each [v5:MQTT-4.12.0-5], and nothing that it need not.
void session_state::send_auth(reason_code code, std::string_view data) {
  protocol::property_list properties;
  properties.add(property_id::authentication_method, permit_->terms->method);
  if (!data.empty())
    properties.add(property_id::authentication_data, data);
  protocol::packet packet = protocol::auth{code, properties};
  if (client_takes(packet))
    to_client.encode(packet, version_);
  else
    refuse(reason_code::packet_too_large, "the client takes no AUTH of this size");
}

bool session_state::authentication_overdue() const {
  return attached_ && !closing_ && permit_ && permit_->whose != permit::turn::nobody &&
         host_.now() >= permit_->due;
}

} // namespace actorbus
