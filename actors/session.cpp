#include <actorbus/actors/session.hpp>

#include <algorithm>
#include <chrono>

#include <actorbus/actors/bridge_trail.hpp>
#include <actorbus/actors/bus_event.hpp>
#include <actorbus/actors/refusal.hpp>
#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/encode.hpp>

namespace actorbus {

namespace {

/// Publications that a batch has room for at first, at most.
constexpr std::size_t batch_capacity_max = 4'096;

/// No place yet.
constexpr std::uint32_t nowhere = 0xFFFF'FFFF;

/// Scratch of the thread that routes: kept, so that a batch allocates nothing to be sorted.
fan_out& local_fan_out() {
  thread_local fan_out instance;
  return instance;
}

} // namespace

session::session(caf::actor_config& config, caf::execution_unit* home, bus_context_ptr bus,
                 caf::actor broker, std::shared_ptr<subscriber> self)
    : batch_actor(config, home),
      bus_(std::move(bus)),
      broker_(std::move(broker)),
      state_(*this, bus_->bounds, bus_->outbound),
      self_(std::move(self)) {
  state_.subscriber_id(self_->id);
}

bool session::on_message(caf::mailbox_element& element) {
  return match_message<frame, deliver, outbound_drained, subscribed, unsubscribed, attach_channel,
                       channel_closed, end_session, alarm, verdict>(
      element, [this](auto& message) { on(message); });
}

// Runs `body`, which reads `source` and routes what it finds, then sends each receiver its part.
template <class Body>
void session::with_batch(const frame& source, protocol::protocol_version version, Body&& body) {
  struct reset_at_end {
    session& self;
    ~reset_at_end() { // also when a handler throws: the next session finds the scratch empty
      local_fan_out().reset();
      self.batch_ = {};
      self.source_ = nullptr;
      self.alias_places_.clear();
    }
  };
  routing_guard guard;
  reset_at_end cleaner{*this};
  source_ = &source;
  body();
  if (state_.packets_received > 0)
    count(bus_->counters.packets_received, std::exchange(state_.packets_received, 0));
  if (received_ > 0)
    count(bus_->counters.publishes_received, std::exchange(received_, 0));
  if (!batch_)
    return;
  batch_->source = source;
  batch_->version = version;
  local_fan_out().finish(batch_, self_->id, [this](subscriber& to, deliver&& message) {
    post(to.actor, std::move(message), context());
  });
}

void session::on(frame& packets) {
  if (!channel_ || packets.link != link_)
    return;
  count(bus_->counters.bytes_received, packets.size);
  state_.touch();
  if (held_.empty() && state_.may_receive())
    read(std::move(packets));
  else
    held_.push_back(std::move(packets));
  if (close_wanted_)
    settle();
}

void session::read(frame packets) {
  std::uint32_t done = 0;
  with_batch(packets, state_.version(), [&] { done = state_.receive(packets); });
  if (done == packets.size)
    return;
  packets.offset += done;
  packets.size -= done;
  held_.push_front(std::move(packets));
}

// Goes on with what had to wait: behind a SUBSCRIBE or UNSUBSCRIBE, or for the client to take
// what it was sent.
void session::read_held() {
  while (!held_.empty() && state_.may_receive())
    read(held_.pop_front());
  if (ending_ && held_.empty() && !state_.awaits_broker()) {
    ending_ = false;
    leave_channel(protocol::reason_code::success);
    settle();
  } else if (close_wanted_) {
    settle();
  }
}

bool session::route(const protocol::publish& packet, const packet_run& where, bool defines_alias) {
  received_ += where.count;
  if (defines_alias)
    place_of(packet.topic_alias) = {packet.topic_alias, true, offset_of(packet.topic)};
  const auto* to = bus_->subscriptions.find(packet.topic);
  if (to->empty())
    return false;
  // While nobody is full, which is the rule, this costs one look.
  if (packet.qos != protocol::qos::at_most_once &&
      bus_->full_sessions.load(std::memory_order_relaxed) != 0)
    state_.receiver_full = some_full(*to);
  local_fan_out().add(to, add_publication(packet, where, defines_alias), where.count, self_->id);
  return true;
}

// Notes where packets of the current frame lie.
// @returns the index of the first in the batch
std::uint32_t session::add_publication(const protocol::publish& packet, const packet_run& where,
                                       bool defines_alias) {
  if (!batch_) {
    batch_ = publication_batch::make(
        std::min<std::size_t>(source_->size / where.size, batch_capacity_max));
    batch_->publisher = self_->id;
  }
  publication item;
  item.offset = where.offset;
  item.size = where.size;
  if (packet.topic_alias == 0 || defines_alias)
    item.topic_offset = offset_of(packet.topic);
  else
    use_alias(item, packet);
  item.topic_size = static_cast<std::uint16_t>(packet.topic.size());
  item.properties_size = static_cast<std::uint32_t>(packet.properties.raw().size());
  item.payload_offset =
      where.offset + where.size - static_cast<std::uint32_t>(packet.payload.size());
  item.qos = packet.qos;
  item.retain = packet.retain;
  item.has_expiry = packet.has_message_expiry;
  if (item.has_expiry && batch_->received == time_point{})
    batch_->received = now();
  item.plain = packet.qos == protocol::qos::at_most_once && packet.topic_alias == 0;
  auto first = static_cast<std::uint32_t>(batch_->size());
  for (auto left = where.count;;) {
    if (batch_->full())
      batch_ = publication_batch::grown(std::move(batch_));
    batch_->add(item);
    if (--left == 0)
      return first;
    item.offset += where.size;
    item.topic_offset += where.size;
    item.payload_offset += where.size;
  }
}

// Whether a receiver at QoS 1 or 2 takes no more; of a shared group, all that are in it.
bool session::some_full(const actorbus::route& to) const noexcept {
  auto is_full = [](const receiver& each) {
    return each.maximum_qos != protocol::qos::at_most_once &&
           each.to->full.load(std::memory_order_relaxed);
  };
  return std::any_of(to.receivers.begin(), to.receivers.end(), is_full) ||
         std::any_of(to.groups.begin(), to.groups.end(), [&](const auto& group) {
           return std::all_of(group->members.begin(), group->members.end(), is_full);
         });
}

std::uint32_t session::offset_of(std::string_view topic) const noexcept {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(topic.data());
  return static_cast<std::uint32_t>(begin - source_->bytes->data());
}

session::alias_place& session::place_of(std::uint16_t alias) {
  for (auto& each : alias_places_)
    if (each.alias == alias)
      return each;
  alias_places_.push_back({alias, false, nowhere});
  return alias_places_.back();
}

// A topic that an alias stands for lies in the frame, where the alias was defined, or is copied
// once a batch; so a short packet never costs a long topic.
void session::use_alias(publication& item, const protocol::publish& packet) {
  auto& place = place_of(packet.topic_alias);
  if (place.at == nowhere) {
    place.at = static_cast<std::uint32_t>(batch_->topics.size());
    batch_->topics.emplace_back(packet.topic);
  }
  item.topic_offset = place.at;
  item.aliased = !place.in_frame;
}

void session::on(deliver& message) {
  state_.deliver(message);
}

void session::on(attach_channel& message) {
  if (state_.over() && link_ != 0) {
    // The session ended while the broker sent this: it shall look again.
    post(broker_, session_ended{self_->id, message.link, true}, context());
    post(broker_,
         admitted{std::move(message.channel), std::move(message.connect), std::move(message.terms)},
         context());
    return;
  }
  if (channel_)
    state_.refuse(protocol::reason_code::session_taken_over, {});
  if (state_.attached())
    leave_channel(protocol::reason_code::session_taken_over);
  close_wanted_ = false;
  link_ = message.link;
  channel_ = message.channel.channel;
  monitor(channel_);
  meter_ = std::move(message.channel.meter);
  attempt_ = message.channel.attempt;
  where_ = std::move(message.channel);
  where_.channel = {};
  auto connect = read_connect(message.connect);
  post(channel_,
       session_opened{caf::actor_cast<caf::actor>(ctrl()), connect.version, link_, attempt_},
       context());
  state_.limit_queue(where_.queue);
  state_.speaks_for_bus(where_.transport == bridge_transport);
  state_.attach(connect, message.client_id, message.assigned_client_id, meter_,
                std::move(message.terms));
  self_->online.store(true, std::memory_order_relaxed);
  count(bus_->counters.clients_connected);
  keep_maximum(bus_->counters.clients_maximum, bus_->counters.clients_connected);
  settle();
}

void session::on(channel_closed& message) {
  if (!channel_ || message.link != link_)
    return;
  if (message.reason == protocol::reason_code::success) {
    lose_channel();
    return;
  }
  state_.refuse(message.reason, {});
  leave_channel(message.reason);
  settle();
}

void session::on_down(caf::down_msg& message) {
  if (channel_ && message.source == channel_)
    lose_channel();
}

// Asks who the client is, anew [v5:MQTT-4.12.1-1]. An authenticator that is gone is noticed by the
// time-out.
void session::authenticate(bool begins, std::string_view data) {
  const auto& terms = *state_.terms();
  if (!begins) {
    post(terms.authenticator, continue_authentication{asked_anew_, std::string{data}}, context());
    return;
  }
  asked_anew_ = bus_->attempts.fetch_add(1, std::memory_order_relaxed) + 1;
  actorbus::authenticate question;
  question.attempt = asked_anew_;
  question.reply_to = caf::actor_cast<caf::actor>(ctrl());
  question.deadline = now() + std::chrono::milliseconds{bus_->bounds.authentication_timeout_ms};
  question.client_id = state_.client_id();
  question.user_name = terms.user_name;
  question.method = terms.method;
  question.data = data;
  question.again = true;
  question.transport = where_.transport;
  question.peer = where_.peer;
  question.identity = where_.identity;
  question.policy = where_.policy;
  post(terms.authenticator, std::move(question), context());
  update_alarm(); // it may not take for ever
}

void session::on(verdict& message) {
  if (message.attempt == asked_anew_)
    state_.authenticated(message);
  settle();
}

// The channel is gone, but what it sent before still counts: a DISCONNECT perhaps.
void session::lose_channel() {
  channel_ = {};
  state_.peer_gone();
  ending_ = true;
  read_held();
}

void session::on(subscribed& message) {
  if (message.link != link_)
    return;
  state_.subscribed(message);
  read_held();
}

void session::on(unsubscribed& message) {
  if (message.link != link_)
    return;
  state_.unsubscribed(message);
  read_held();
}

void session::on(end_session& message) {
  ended_by_broker_ = true;
  state_.end(message.reason);
  if (message.reason != protocol::reason_code::server_shutting_down)
    pass_on_undelivered();
  settle();
}

void session::on(alarm&) {
  alarm_at_.reset();
  auto was_over = state_.over();
  if (!state_.on_alarm() && !was_over)
    count(bus_->counters.clients_expired);
  settle();
}

void session::retain(message_ptr value) {
  retain_messages message;
  message.values.push_back(std::move(value));
  message.source = *source_;
  post(broker_, std::move(message), context());
}

void session::subscribe(subscribe_request request) {
  request.subscriber_id = self_->id;
  request.link = link_;
  post(broker_, std::move(request), context());
}

void session::unsubscribe(unsubscribe_request request) {
  request.subscriber_id = self_->id;
  request.link = link_;
  post(broker_, std::move(request), context());
}

void session::close_channel(protocol::reason_code reason) {
  close_wanted_ = true;
  close_reason_ = reason;
  auto is_news =
      protocol::is_error(reason) && reason != protocol::reason_code::server_shutting_down;
  if (is_news && bus_->events)
    post(bus_->events, make_event(bus_event::kind::closed, where_, state_.client_id(), reason),
         context());
}

void session::publish_will(const message& will, protocol::properties_view properties) {
  publish(will, properties, 0);
}

// What this session owes its shared subscriptions goes to other members (4.8.2). The broker has
// taken this one out of the routing table before.
void session::pass_on_undelivered() {
  for (const auto& [value, group] : state_.take_undelivered()) {
    if (value->expired(now())) {
      dropped(protocol::reason_code::success);
      continue;
    }
    auto waited = std::chrono::floor<std::chrono::milliseconds>(now() - value->received());
    publish(*value, value->properties_after(waited), group);
  }
}

// A message of the session's own goes the way of any PUBLISH: encoded, then read.
// @param group the one shared subscription that it is for; 0: all subscriptions
void session::publish(const message& value, protocol::properties_view properties,
                      std::uint32_t group) {
  protocol::publish packet;
  packet.topic = value.topic();
  packet.payload = value.payload();
  packet.properties = properties;
  packet.qos = value.qos();
  packet.retain = value.retain();
  packet.packet_id = packet.qos == protocol::qos::at_most_once ? 0 : 1;
  constexpr auto version = protocol::protocol_version::v5;
  outbox writer;
  writer.encode(packet, version);
  writer.take([&](frame&& encoded) {
    with_batch(encoded, version, [&] {
      auto found = protocol::read_frame(encoded.view(), encoded.size);
      protocol::publish read;
      protocol::decode_publish(found->header, encoded.view().subspan(found->header.header_size),
                               version, protocol::sender::client, read);
      if (group != 0) {
        const auto* to = bus_->subscriptions.find(read.topic);
        local_fan_out().add_to_group(
            to, group, add_publication(read, {encoded.offset, encoded.size}, false), self_->id);
        return;
      }
      if (read.retain)
        retain(message::make(read, version, encoded, now()));
      route(read, {encoded.offset, encoded.size}, false);
    });
  });
}

void session::dropped(protocol::reason_code why) {
  count(bus_->counters.publishes_dropped);
  ++drops_;
  drop_reason_ = why;
}

// A session that drops much says so once a second.
void session::report_drops() {
  if (now() < next_drop_report_ || !bus_->events)
    return;
  next_drop_report_ = now() + std::chrono::seconds{1};
  post(bus_->events,
       make_event(bus_event::kind::dropped, where_, state_.client_id(), drop_reason_,
                  std::exchange(drops_, 0)),
       context());
}

// Keeps the bus's totals, and what publishers look at, up to date.
void session::report_queue() {
  auto messages = state_.queued_messages() + state_.inflight_messages();
  auto bytes = state_.stored_bytes();
  auto& totals = *bus_->outbound;
  if (auto before = std::exchange(reported_messages_, messages); before != messages)
    totals.queued_messages.fetch_add(messages - before, std::memory_order_relaxed);
  if (auto before = std::exchange(reported_bytes_, bytes); before != bytes)
    totals.queued_bytes.fetch_add(bytes - before, std::memory_order_relaxed);
  announce_full(state_.queue_full());
}

void session::announce_full(bool is_full) {
  if (self_->full.load(std::memory_order_relaxed) == is_full)
    return;
  self_->full.store(is_full, std::memory_order_relaxed);
  if (is_full)
    bus_->full_sessions.fetch_add(1, std::memory_order_relaxed);
  else
    bus_->full_sessions.fetch_sub(1, std::memory_order_relaxed);
}

void session::flush() {
  while (channel_) {
    state_.pump();
    if (!held_.empty() && state_.may_receive())
      read_held();
    flush_to_client();
    auto waits = channel_ && state_.outbound_full() && (state_.has_waiting() || !held_.empty());
    if (!waits || meter_->wait(state_.outbound_limit()))
      return;
  }
}

void session::on_batch_end() {
  flush();
  if (drops_ != 0)
    report_drops();
  report_queue();
}

void session::flush_to_client() {
  if (state_.to_client.empty())
    return;
  if (!channel_) {
    state_.to_client.clear();
    return;
  }
  auto bytes = state_.to_client.size_bytes();
  meter_->add(bytes);
  count(bus_->counters.bytes_sent, bytes);
  auto others = std::exchange(state_.to_client.other_packets, 0);
  if (auto packets = others + state_.publishes_sent; packets > 0)
    count(bus_->counters.packets_sent, packets);
  if (state_.publishes_sent > 0)
    count(bus_->counters.publishes_sent, std::exchange(state_.publishes_sent, 0));
  state_.to_client.take([this](frame&& packets) {
    packets.link = attempt_;
    post(channel_, std::move(packets), context());
  });
}

void session::leave_channel(protocol::reason_code reason) {
  if (channel_) {
    flush_to_client();
    post(channel_, actorbus::close_channel{reason}, context());
    channel_ = {};
  }
  if (state_.attached()) {
    self_->online.store(false, std::memory_order_relaxed);
    bus_->counters.clients_connected.fetch_sub(1, std::memory_order_relaxed);
    state_.detach(reason);
  }
  held_.clear();
  ending_ = false;
  asked_anew_ = 0;
  where_ = {};
  meter_.reset();
}

// What follows from a handler that may have changed the connection or the session's life.
void session::settle() {
  if (std::exchange(close_wanted_, false))
    leave_channel(close_reason_);
  if (ended_by_broker_) {
    quit();
    return;
  }
  if (state_.over() && !std::exchange(reported_over_, true))
    post(broker_, session_ended{self_->id, link_, false}, context());
  update_alarm();
}

// Only an earlier time is set anew; for a later one the old alarm looks again when it comes. So
// keep-alive costs two messages each time it might have run out, and none a packet.
void session::update_alarm() {
  auto next = state_.next_alarm();
  if (!next) {
    if (alarm_at_)
      post(bus_->timekeeper, cancel_alarm{id()}, context());
    alarm_at_.reset();
    return;
  }
  if (alarm_at_ && *alarm_at_ <= *next)
    return;
  alarm_at_ = next;
  post(bus_->timekeeper, set_alarm{caf::actor_cast<caf::actor>(ctrl()), *next}, context());
}

void session::on_exit() {
  next_drop_report_ = {};
  if (drops_ != 0)
    report_drops();
  leave_channel(protocol::reason_code::unspecified_error);
  if (alarm_at_)
    post(bus_->timekeeper, cancel_alarm{id()}, context());
  if (!ended_by_broker_)
    post(broker_, session_ended{self_->id, link_, true}, context());
  // The routing table may hold on to this actor for a while: not to what it kept.
  state_.clear();
  report_queue();
  announce_full(false);
  self_.reset();
  broker_ = {};
  bus_.reset();
}

} // namespace actorbus
