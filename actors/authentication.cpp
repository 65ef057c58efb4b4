#include <actorbus/actors/authentication.hpp>

#include <chrono>
#include <utility>

#include <actorbus/actors/outbox.hpp>
#include <actorbus/actors/refusal.hpp>
#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/encode.hpp>

namespace actorbus {

using protocol::property_id;
using protocol::reason_code;

authenticate make_authenticate(const channel_info& channel, const protocol::connect& packet) {
  authenticate result;
  result.client_id = packet.client_id;
  if (packet.user_name)
    result.user_name = *packet.user_name;
  if (channel.policy && channel.policy->identity_is_user && channel.identity)
    result.user_name = channel.identity->name;
  if (packet.password)
    result.password = protocol::as_text(*packet.password);
  result.method = packet.properties.text(property_id::authentication_method).value_or("");
  result.data = packet.properties.text(property_id::authentication_data).value_or("");
  result.transport = channel.transport;
  result.peer = channel.peer;
  result.identity = channel.identity;
  result.policy = channel.policy;
  return result;
}

authentication::authentication(caf::actor_config& config, caf::execution_unit* home,
                               bus_context_ptr bus, caf::actor broker, open_session request,
                               caf::actor authenticator)
    : batch_actor(config, home),
      bus_(std::move(bus)),
      broker_(std::move(broker)),
      request_(std::move(request)),
      authenticator_(std::move(authenticator)),
      attempt_(bus_->attempts.fetch_add(1, std::memory_order_relaxed) + 1) {
  bus_->authenticating.fetch_add(1, std::memory_order_relaxed);
}

void authentication::on_start() {
  monitor(request_.channel.channel);
  monitor(authenticator_);
  auto packet = read_connect(request_.connect);
  auto question = make_authenticate(request_.channel, packet);
  method_ = question.method;
  packet_size_max_ = packet.properties.number(property_id::maximum_packet_size).value_or(0);
  question.attempt = attempt_;
  question.reply_to = caf::actor_cast<caf::actor>(ctrl());
  const auto& bounds = request_.channel.bounds(bus_->bounds);
  question.deadline = now() + std::chrono::milliseconds{bounds.authentication_timeout_ms};
  post(bus_->timekeeper, set_alarm{question.reply_to, question.deadline}, context());
  post(authenticator_, std::move(question), context());
}

bool authentication::on_message(caf::mailbox_element& element) {
  return match_message<verdict, frame, channel_closed, outbound_drained, alarm>(
      element, [this](auto& message) { on(message); });
}

void authentication::on(verdict& answer) {
  if (answer.attempt != attempt_)
    return;
  if (answer.code == reason_code::continue_authentication)
    ask(answer);
  else if (answer.code == reason_code::success)
    admit(answer);
  else {
    refuse_connect(*bus_, request_.channel, read_connect(request_.connect),
                   {answer.code, std::move(answer.reason_string),
                    std::move(answer.server_reference), std::move(answer.user_properties)},
                   context());
    quit();
  }
}

void authentication::ask(const verdict& question) {
  if (method_.empty() || clients_turn_) { // [v5:MQTT-4.12.0-6]
    refuse(reason_code::implementation_specific_error, "the authenticator asked out of turn");
    return;
  }
  protocol::property_list properties;
  properties.add(property_id::authentication_method, method_); // [v5:MQTT-4.12.0-5]
  if (!question.data.empty())
    properties.add(property_id::authentication_data, question.data);
  protocol::packet words =
      protocol::auth{reason_code::continue_authentication, properties}; // [v5:MQTT-4.12.0-2]
  auto size = protocol::encoded_size(words, protocol::protocol_version::v5);
  if (packet_size_max_ != 0 && size > packet_size_max_) { // [v5:MQTT-3.1.2-24]
    refuse(reason_code::packet_too_large, "the client takes no AUTH of this size");
    return;
  }
  clients_turn_ = true;
  if (!std::exchange(opened_, true))
    post(request_.channel.channel,
         session_opened{caf::actor_cast<caf::actor>(ctrl()), protocol::protocol_version::v5, 0,
                        request_.channel.attempt, true},
         context());
  outbox writer;
  writer.encode(words, protocol::protocol_version::v5);
  writer.take([this](frame&& packet) {
    packet.link = request_.channel.attempt;
    if (request_.channel.meter)
      request_.channel.meter->add(packet.size);
    post(request_.channel.channel, std::move(packet), context());
  });
}

// Until it has its CONNACK the client may send AUTH and DISCONNECT only [v5:MQTT-3.1.2-30].
void authentication::on(frame& packets) {
  auto input = packets.view();
  auto found =
      protocol::read_frame(input, request_.channel.bounds(bus_->bounds).connect_size_bytes_max);
  if (!found || !found->complete) {
    refuse(found ? reason_code::malformed_packet : protocol::to_reason_code(found.error()));
    return;
  }
  auto decoded = protocol::decode(found->header,
                                  input.subspan(found->header.header_size, found->header.body_size),
                                  protocol::protocol_version::v5, protocol::sender::client);
  if (decoded && std::holds_alternative<protocol::disconnect>(*decoded)) {
    post(request_.channel.channel,
         close_channel{reason_code::success, {}, request_.channel.attempt}, context());
    abandon();
    return;
  }
  auto* answer = decoded ? std::get_if<protocol::auth>(&*decoded) : nullptr;
  if (!decoded) {
    refuse(protocol::to_reason_code(decoded.error()));
  } else if (!answer || found->header.size() != input.size() || !clients_turn_ ||
             answer->code != reason_code::continue_authentication || // [v5:MQTT-4.12.0-3]
             answer->properties.text(property_id::authentication_method) != method_) {
    refuse(reason_code::protocol_error, "an AUTH of the same method was due, and only that");
  } else {
    clients_turn_ = false;
    auto data = answer->properties.text(property_id::authentication_data).value_or("");
    post(authenticator_, continue_authentication{attempt_, std::string{data}}, context());
  }
}

void authentication::admit(const verdict& answer) {
  auto terms = std::make_shared<admission>();
  auto packet = read_connect(request_.connect);
  const auto& channel = request_.channel;
  terms->authenticator = authenticator_;
  terms->method = method_;
  terms->data = answer.data;
  terms->user_name = answer.user_name;
  if (terms->user_name.empty())
    terms->user_name = make_authenticate(channel, packet).user_name.value_or("");
  terms->allowed = {channel.policy ? channel.policy->allowed : nullptr, answer.allowed};
  for (const auto& [name, value] : answer.user_properties)
    terms->properties.add_user(name, value);
  post(broker_, admitted{channel, request_.connect, std::move(terms)}, context());
  quit();
}

void authentication::refuse(reason_code code, std::string why) {
  refuse_connect(*bus_, request_.channel, read_connect(request_.connect), {code, std::move(why)},
                 context());
  abandon();
}

void authentication::abandon() {
  post(authenticator_, authentication_abandoned{attempt_}, context());
  quit();
}

void authentication::on(channel_closed&) {
  abandon();
}

void authentication::on_down(caf::down_msg& message) {
  if (message.source == authenticator_)
    refuse(reason_code::server_unavailable, "nobody is there to authenticate");
  else
    abandon();
}

void authentication::on(alarm&) {
  refuse(reason_code::server_unavailable, "authentication took too long");
}

void authentication::on_exit() {
  post(bus_->timekeeper, cancel_alarm{id()}, context());
  bus_->authenticating.fetch_sub(1, std::memory_order_relaxed);
  request_ = {};
  authenticator_ = {};
  broker_ = {};
  bus_.reset();
}

} // namespace actorbus
