// How a client proves who it is, by a method of its options [v5: 4.12].

#include <actorbus/actors/client_state.hpp>

#include <exception>

#include <actorbus/protocol/encode.hpp>

namespace actorbus {

using protocol::property_id;
using protocol::reason_code;

namespace {

/// Calls what the application has made. @returns what it threw, in words
template <class F>
std::optional<std::string> fault_in(F&& call) {
  try {
    call();
    return std::nullopt;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

} // namespace

std::optional<outcome> client_state::fault_of_options() const {
  if (options_.authentication && options_.version != protocol::protocol_version::v5)
    return outcome{reason_code::unsupported_protocol_version,
                   "client_options::authentication needs MQTT 5.0"};
  return std::nullopt;
}

// @returns what to say first, or nothing: `failure` is set
std::optional<protocol::property_list> client_state::begin_exchange() {
  protocol::property_list properties;
  auto fault = fault_in([&] {
    exchange_ = options_.authentication();
    properties = say(exchange_->first());
  });
  if (!fault)
    return properties;
  give_up(*fault, connected_);
  return std::nullopt;
}

protocol::property_list client_state::say(std::string_view data) const {
  protocol::property_list properties;
  properties.add(property_id::authentication_method, exchange_->method()); // [v5:MQTT-4.12.0-5]
  if (!data.empty())
    properties.add(property_id::authentication_data, data);
  return properties;
}

void client_state::send_auth(reason_code code, const protocol::property_list& properties) {
  protocol::packet packet = protocol::auth{code, properties};
  if (protocol::encoded_size(packet, options_.version) > broker_packet_size_max_)
    give_up("the broker takes no AUTH of this size"); // [v5:MQTT-3.2.2-15]
  else
    to_broker.encode(packet, options_.version);
}

void client_state::reauthenticate(completion done) {
  if (!options_.authentication)
    return tell(done, {reason_code::protocol_error,
                       "the client has no client_options::authentication to use"});
  if (!connected_)
    return tell(done, {reason_code::server_unavailable, "not connected"});
  if (reauthenticated_ || exchange_)
    return tell(done, {reason_code::protocol_error, "authenticating already"});
  reauthenticated_ = done ? std::move(done) : [](const outcome&) {};
  if (auto properties = begin_exchange())
    send_auth(reason_code::re_authenticate, *properties); // [v5:MQTT-4.12.1-1]
}

// The server's question, or its word that it is content with a re-authentication.
void client_state::on(const protocol::auth& packet) {
  auto is_question = packet.code == reason_code::continue_authentication;
  if (!exchange_ || (!is_question && (packet.code != reason_code::success || !reauthenticated_)))
    return fail(protocol::errc::wrong_sender); // nobody has asked for it [v5:MQTT-4.12.0-6]
  if (!is_same_method(packet.properties))
    return;
  if (!is_question) {
    if (auto done = trusts(packet.properties) ? std::exchange(reauthenticated_, nullptr) : nullptr)
      done(outcome_of(packet.code, packet.properties));
    return;
  }
  auto data = packet.properties.text(property_id::authentication_data).value_or("");
  std::optional<std::string> why;
  auto fault = fault_in([&] {
    auto answer = exchange_->answer(data);
    if (answer)
      send_auth(reason_code::continue_authentication, say(*answer)); // [v5:MQTT-4.12.0-3]
    else
      why = answer.error();
  });
  if (fault || why)
    give_up(fault ? *fault : *why);
}

bool client_state::is_same_method(protocol::properties_view properties) {
  auto method = properties.text(property_id::authentication_method).value_or("");
  if (method == exchange_->method())
    return true;
  give_up(method.empty() ? "the broker says no authentication method where the client named " +
                               std::string{exchange_->method()}
                         : "the broker's authentication method is " + std::string{method} +
                               ", the client's " + std::string{exchange_->method()});
  return false;
}

// The exchange is over: the server has let the client in; whether it is the right one is for the
// method to say.
bool client_state::trusts(protocol::properties_view properties) {
  auto data = properties.text(property_id::authentication_data).value_or("");
  std::optional<std::string> why;
  auto fault = fault_in([&] { why = exchange_->distrust(data); });
  exchange_.reset();
  if (fault || why)
    give_up(fault ? *fault : *why);
  return !fault && !why;
}

// For good: the next connection would come to the same.
void client_state::give_up(std::string why, bool says_so) {
  exchange_.reset();
  if (says_so) // [v5:MQTT-4.12.1-2]
    to_broker.encode(protocol::disconnect{reason_code::unspecified_error, {}}, options_.version);
  failure = outcome{reason_code::not_authorized, std::move(why)};
}

} // namespace actorbus
