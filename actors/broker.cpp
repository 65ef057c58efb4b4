#include <actorbus/actors/broker.hpp>

#include <chrono>
#include <utility>

#include <actorbus/actors/authentication.hpp>
#include <actorbus/actors/refusal.hpp>
#include <actorbus/actors/session.hpp>
#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/topic.hpp>
#include <actorbus/protocol/utf8.hpp>

namespace actorbus {

using protocol::property_id;
using protocol::protocol_version;
using protocol::reason_code;

namespace {

constexpr std::chrono::milliseconds cleaning_delay{100};

/// Whether a session of this CONNECT ends with its connection.
bool is_ephemeral(const protocol::connect& packet) {
  if (packet.version != protocol_version::v5)
    return packet.clean_start;
  return packet.properties.number(protocol::property_id::session_expiry_interval).value_or(0) == 0;
}

/// Whether a will's payload is the text that it calls itself, where that is to be checked.
bool is_what_it_says(const protocol::will& will, const limits& bounds) {
  auto is_text =
      will.properties.number(protocol::property_id::payload_format_indicator).value_or(0) == 1 &&
      will.payload.size() <= bounds.payload_check_bytes_max;
  return !is_text || protocol::is_utf8_payload(protocol::as_text(will.payload));
}

std::optional<std::string_view> method_of(const protocol::connect& packet) {
  return packet.properties.text(property_id::authentication_method);
}

/// The terms of a client about whom nobody was asked: its listener's, and the name that its
/// transport vouches for. A participant of the program is who it says it is.
std::shared_ptr<const admission> own_terms(const channel_info& channel,
                                           const protocol::connect& packet) {
  const auto& policy = channel.policy;
  std::string user;
  if (policy && policy->identity_is_user && channel.identity)
    user = channel.identity->name;
  else if (!policy)
    user = packet.user_name.value_or("");
  if (user.empty() && !(policy && policy->allowed))
    return nullptr;
  auto terms = std::make_shared<admission>();
  terms->user_name = std::move(user);
  terms->allowed = {policy ? policy->allowed : nullptr, nullptr};
  return terms;
}

} // namespace

broker::broker(caf::actor_config& config, bus_context_ptr bus, std::uint64_t seed)
    : batch_actor(config, nullptr),
      bus_(std::move(bus)),
      retained_({bus_->bounds.retained_messages_max, bus_->bounds.retained_bytes_max}),
      random_(seed) {}

bool broker::on_message(caf::mailbox_element& element) {
  return match_message<open_session, open_bridge, admitted, session_ended, subscribe_request,
                       unsubscribe_request, retain_messages, alarm, survey_sessions, ask_sessions,
                       watch_demand>(element, [this](auto& message) { on(message); });
}

// `bridge` is the name of the bus's own bridge that asks; empty: an ordinary client.
void broker::open(open_session& message, const std::string& bridge) {
  count(bus_->counters.connects);
  count(bus_->counters.packets_received);
  auto input = message.connect.view();
  const auto& bounds = message.channel.bounds(bus_->bounds);
  auto found = protocol::read_frame(input, bounds.connect_size_bytes_max);
  if (!found || !found->complete || found->header.type != protocol::packet_type::connect) {
    post(message.channel.channel, close_channel{reason_code::protocol_error}, context());
    return;
  }
  auto decoded = protocol::decode(found->header, input.subspan(found->header.header_size), {},
                                  protocol::sender::client);
  if (!decoded) {
    if (decoded.error() == protocol::errc::protocol_version_unsupported) { // [v3:MQTT-3.1.2-2]
      protocol::connect unknown;
      unknown.version = protocol_version::v3_1_1;
      refuse_connect(*bus_, message.channel, unknown, {reason_code::unsupported_protocol_version},
                     context());
    } else
      post(message.channel.channel, close_channel{to_reason_code(decoded.error())}, context());
    return;
  }
  const auto& packet = std::get<protocol::connect>(*decoded);
  if (auto code = judge(message.channel, packet); code != reason_code::success) {
    refuse_connect(*bus_, message.channel, packet, {code, {}, bus_->server_reference}, context());
    return;
  }
  const auto& asked = authenticator_of(message.channel);
  if (!asked || (!message.channel.policy && !method_of(packet))) {
    auto terms = own_terms(message.channel, packet);
    admit(std::move(message.channel), std::move(message.connect), packet, std::move(terms), bridge);
    return;
  }
  auto* home = message.channel.home;
  system().spawn<authentication, caf::hidden>(home, bus_, caf::actor_cast<caf::actor>(ctrl()),
                                              std::move(message), asked);
}

void broker::on(admitted& message) {
  auto packet = read_connect(message.connect);
  admit(std::move(message.channel), std::move(message.connect), packet, std::move(message.terms),
        {});
}

/// Who decides about the channel's client; null: nobody.
const caf::actor& broker::authenticator_of(const channel_info& channel) const noexcept {
  auto has_own = channel.policy && channel.policy->authenticator;
  return has_own ? channel.policy->authenticator : bus_->authenticator;
}

// What can be said of a CONNECT without asking anybody.
reason_code broker::judge(const channel_info& channel, const protocol::connect& packet) const {
  // [v3:MQTT-3.1.3-8]; 3.1 knows no empty identifiers
  auto may_be_empty = packet.version == protocol_version::v5 ||
                      (packet.version == protocol_version::v3_1_1 && packet.clean_start);
  if (packet.client_id.size() > channel.bounds(bus_->bounds).client_id_bytes_max ||
      (packet.client_id.empty() && !may_be_empty))
    return reason_code::client_identifier_not_valid;
  auto has_authenticator = static_cast<bool>(authenticator_of(channel));
  if (method_of(packet) && !has_authenticator) // [v5:MQTT-4.12.0-1]
    return reason_code::bad_authentication_method;
  if (const auto& policy = channel.policy) {
    if (!bus_->server_reference.empty())
      return bus_->server_moved ? reason_code::server_moved : reason_code::use_another_server;
    auto is_anonymous = !packet.user_name && !method_of(packet);
    auto is_vouched_for = channel.identity != nullptr;
    if (policy->identity_is_user && !is_vouched_for)
      return reason_code::not_authorized;
    // Names that nobody can check are worth nothing.
    if (!policy->allow_anonymous && !is_vouched_for && (is_anonymous || !has_authenticator))
      return reason_code::not_authorized;
  }
  if (has_authenticator &&
      bus_->authenticating.load(std::memory_order_relaxed) >= bus_->bounds.authentications_max)
    return reason_code::server_busy;
  return reason_code::success;
}

void broker::admit(channel_info channel, frame connect, const protocol::connect& packet,
                   std::shared_ptr<const admission> terms, const std::string& bridge) {
  attach_channel answer;
  answer.assigned_client_id = packet.client_id.empty();
  answer.client_id = answer.assigned_client_id ? new_client_id() : std::string{packet.client_id};
  auto user = terms ? terms->user_name : std::string{};
  auto refuse = [&](reason_code code) {
    refuse_connect(*bus_, channel, packet, {code}, context());
  };
  if (packet.will) {
    auto rights = terms ? access_rights{terms->allowed, answer.client_id, user} : access_rights{};
    if (!rights.may_publish(packet.will->topic))
      return refuse(reason_code::not_authorized);
  }

  const auto& bounds = channel.bounds(bus_->bounds);
  if (packet.will && !is_what_it_says(*packet.will, bounds)) // 5.0: 3.1.3.2.3
    return refuse(reason_code::payload_format_invalid);

  entry* session = nullptr;
  if (auto known = by_client_id_.find(answer.client_id); known != by_client_id_.end()) {
    session = find(known->second);
    if (session->is_bridge && bridge.empty()) // what waits for it is nobody else's
      return refuse(reason_code::client_identifier_not_valid);
    // A session holds what its user may see: nobody else goes on with it.
    if (packet.clean_start || session->ephemeral || session->user != user ||
        session->is_bridge == bridge.empty()) {
      end(*session, reason_code::session_taken_over);
      session = nullptr;
    }
  }
  if (!session) {
    if (sessions_.size() >= bus_->bounds.sessions_max)
      return refuse(reason_code::quota_exceeded);
    session = &begin_session(answer.client_id, channel.home, bridge);
    session->user = user;
  }
  session->ephemeral = is_ephemeral(packet);
  session->listener = channel.policy;
  answer.terms = std::move(terms);
  if (packet.properties.number(property_id::request_response_information) == 1)
    answer.terms = with_response_information(std::move(answer.terms), answer.client_id, user);
  answer.link = ++session->link;
  answer.connect = std::move(connect);
  answer.channel = std::move(channel);
  post(session->who->actor, std::move(answer), context());
}

// Only for those who asked [v5:MQTT-3.1.2-28], and who may use it.
std::shared_ptr<const admission>
broker::with_response_information(std::shared_ptr<const admission> terms,
                                  std::string_view client_id, std::string_view user) const {
  auto prefix = fill_in_names(bus_->response_information, client_id, user);
  if (!prefix || prefix->empty())
    return terms;
  auto made = std::make_shared<admission>(terms ? *terms : admission{});
  access_rights rights{made->allowed, client_id, user};
  if (!rights.may_subscribe(*prefix + "/#"))
    return terms;
  made->properties.add(property_id::response_information, *prefix);
  return made;
}

broker::entry& broker::begin_session(const std::string& client_id, caf::execution_unit* home,
                                     const std::string& bridge) {
  auto id = ++last_id_;
  auto who = std::make_shared<subscriber>();
  who->id = id;
  who->actor = system().spawn<session, caf::lazy_init>(
      home, bus_, caf::actor_cast<caf::actor>(ctrl()), who, bridge);
  by_client_id_[client_id] = id;
  auto& made = sessions_[id];
  made.who = std::move(who);
  made.client_id = client_id;
  made.is_bridge = !bridge.empty();
  bus_->counters.clients_total.store(sessions_.size(), std::memory_order_relaxed);
  return made;
}

void broker::end(entry& session, reason_code reason) {
  remove_subscriptions(session); // first: the session passes on what others may have
  post(session.who->actor, end_session{reason}, context());
  count_subscriptions();
  by_client_id_.erase(session.client_id);
  auto id = session.who->id;
  sessions_.erase(id);
  bus_->counters.clients_total.store(sessions_.size(), std::memory_order_relaxed);
  clean_later();
}

void broker::on(session_ended& message) {
  auto* session = find(message.subscriber_id);
  if (session && (message.final || session->link == message.link))
    end(*session, reason_code::success);
}

void broker::on(subscribe_request& message) {
  auto* session = find(message.subscriber_id);
  if (!session)
    return;
  subscribed answer;
  answer.link = message.link;
  answer.packet_id = message.packet_id;
  answer.codes.reserve(message.entries.size());
  for (const auto& line : message.entries)
    answer.codes.push_back(subscribe(*session, line, answer));
  count_subscriptions();
  post(session->who->actor, std::move(answer), context());
}

reason_code broker::subscribe(const entry& session, const subscribe_entry& line,
                              subscribed& answer) {
  if (line.refusal != reason_code::success)
    return line.refusal;
  const auto& bounds = bounds_of(session.listener, bus_->bounds);
  if (bus_->subscriptions.size(*session.who) >= bounds.subscriptions_per_session_max)
    return reason_code::quota_exceeded;
  auto added = bus_->subscriptions.subscribe(session.who, line.filter, line.options);
  tell_of_subscription(line.filter);
  if (added == router::added::is_new)
    demand_.add(line.filter, session.client_id);
  using protocol::retain_handling;
  auto wants_retained = line.options.retain_handling == retain_handling::send ||
                        (line.options.retain_handling == retain_handling::send_if_new &&
                         added == router::added::is_new);
  auto has_room = answer.messages.size() < bus_->bounds.retained_messages_max;
  auto is_shared = protocol::split_share(line.filter).is_shared(); // [v5:MQTT-3.8.4-4]
  if (wants_retained && has_room && !is_shared) {
    std::vector<message_ptr> found;
    retained_.match(line.filter, now(), found);
    for (auto& each : found)
      answer.messages.push_back({std::move(each), line.options});
  }
  return static_cast<reason_code>(line.options.maximum_qos);
}

void broker::on(unsubscribe_request& message) {
  auto* session = find(message.subscriber_id);
  if (!session)
    return;
  unsubscribed answer;
  answer.link = message.link;
  answer.packet_id = message.packet_id;
  for (const auto& filter : message.filters) {
    auto existed = bus_->subscriptions.unsubscribe(*session->who, filter);
    if (existed)
      demand_.remove(filter, session->client_id);
    answer.codes.push_back(existed ? reason_code::success : reason_code::no_subscription_existed);
  }
  count_subscriptions();
  post(session->who->actor, std::move(answer), context());
}

void broker::on(retain_messages& message) {
  for (auto& value : message.values) {
    auto result = retained_.store(value);
    if (result == retained_messages::stored::over_limit && retained_.expire(now()) > 0)
      result = retained_.store(std::move(value));
    if (result == retained_messages::stored::over_limit)
      count(bus_->counters.publishes_dropped);
  }
  bus_->counters.retained_messages.store(retained_.size(), std::memory_order_relaxed);
}

void broker::on(watch_demand& message) {
  monitor(message.watcher);
  demand_.watch(std::move(message), [this](auto&& add) {
    for (const auto& [id, session] : sessions_)
      for (const auto& filter : filters_of(session))
        add(filter, session.client_id);
  });
}

void broker::on_down(caf::down_msg& message) {
  demand_.forget(message.source);
}

void broker::on_batch_end() {
  demand_.flush([this](const caf::actor& watcher, demand_changed news) {
    post(watcher, std::move(news), context());
  });
}

std::vector<std::string> broker::filters_of(const entry& session) const {
  return bus_->subscriptions.filters(*session.who, bus_->subscriptions.size(*session.who));
}

void broker::remove_subscriptions(const entry& of) {
  if (!demand_.empty())
    for (const auto& filter : filters_of(of))
      demand_.remove(filter, of.client_id);
  bus_->subscriptions.remove(*of.who);
}

// Frees what ended sessions have left behind, some time after the last of them.
void broker::on(alarm&) {
  cleaning_ = false;
  bus_->subscriptions.collect();
}

void broker::clean_later() {
  if (std::exchange(cleaning_, true))
    return;
  post(bus_->timekeeper, set_alarm{caf::actor_cast<caf::actor>(ctrl()), now() + cleaning_delay},
       context());
}

broker::entry* broker::find(std::uint64_t subscriber_id) {
  auto found = sessions_.find(subscriber_id);
  return found == sessions_.end() ? nullptr : &found->second;
}

std::string broker::new_client_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id = "auto-";
  for (auto bits = random_(); id.size() < 21; bits >>= 4)
    id += digits[bits & 15];
  return id;
}

void broker::count_subscriptions() {
  bus_->counters.subscriptions.store(bus_->subscriptions.size(), std::memory_order_relaxed);
  bus_->counters.shared_subscriptions.store(bus_->subscriptions.shared_size(),
                                            std::memory_order_relaxed);
}

void broker::on_exit_message(caf::exit_msg&) {
  quit(caf::exit_reason::user_shutdown);
}

void broker::on_exit() {
  for (auto& [id, session] : sessions_)
    post(session.who->actor, end_session{reason_code::server_shutting_down}, context());
  for (auto& [id, session] : sessions_)
    bus_->subscriptions.remove(*session.who);
  sessions_.clear();
  by_client_id_.clear();
  demand_ = {};
  bus_->subscriptions.collect();
  if (cleaning_)
    post(bus_->timekeeper, cancel_alarm{id()}, context());
}

} // namespace actorbus
