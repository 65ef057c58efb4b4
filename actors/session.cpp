#include <actorbus/actors/session.hpp>

#include <algorithm>

#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/encode.hpp>

namespace actorbus {

namespace {

/// Publications that a batch has room for at first, at most.
constexpr std::size_t batch_capacity_max = 4'096;

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
      state_(*this, bus_->bounds, bus_->outbound_total),
      self_(std::move(self)) {
  state_.subscriber_id(self_->id);
}

bool session::on_message(caf::mailbox_element& element) {
  return match_message<frame, deliver, outbound_drained, subscribed, unsubscribed, attach_channel,
                       channel_closed, end_session, alarm>(element,
                                                           [this](auto& message) { on(message); });
}

// Runs `body`, which reads `source` and routes what it finds, then sends each receiver its part.
template <class Body>
void session::with_batch(const frame& source, protocol::protocol_version version, Body&& body) {
  routing_guard guard;
  source_ = &source;
  body();
  if (batch_) {
    batch_->source = source;
    batch_->version = version;
    count(bus_->counters.publishes_received, batch_->size());
    local_fan_out().finish(batch_, self_->id, [this](subscriber& to, deliver&& message) {
      post(to.actor, std::move(message), context());
    });
    batch_ = {};
  }
  source_ = nullptr;
}

void session::on(frame& packets) {
  if (!channel_ || packets.link != link_)
    return;
  count(bus_->counters.bytes_received, packets.size);
  if (state_.awaits_broker())
    held_.push_back(std::move(packets));
  else
    read(std::move(packets));
  if (close_wanted_)
    settle();
}

void session::read(frame packets) {
  std::uint32_t done = 0;
  with_batch(packets, state_.version(), [&] { done = state_.receive(packets); });
  if (done != packets.size)
    held_.push_back(frame{std::move(packets.bytes), packets.offset + done, packets.size - done, 0});
}

// Goes on with what came behind a SUBSCRIBE or UNSUBSCRIBE.
void session::read_held() {
  auto held = std::move(held_);
  held_ = {};
  while (!held.empty()) {
    if (state_.awaits_broker())
      held_.push_back(held.pop_front());
    else
      read(held.pop_front());
  }
  if (close_wanted_)
    settle();
}

bool session::route(const protocol::publish& packet, bool aliased, std::uint32_t offset,
                    std::uint32_t size) {
  if (!batch_) {
    batch_ =
        publication_batch::make(std::min<std::size_t>(source_->size / size, batch_capacity_max));
    batch_->publisher = self_->id;
  } else if (batch_->full()) {
    batch_ = publication_batch::grown(std::move(batch_));
  }
  const auto* to = bus_->subscriptions.find(packet.topic);
  const auto* base = source_->bytes->data();
  publication item;
  item.offset = offset;
  item.size = size;
  if (aliased) {
    item.aliased = true;
    item.topic_offset = static_cast<std::uint32_t>(batch_->topics.size());
    batch_->topics.emplace_back(packet.topic);
  } else {
    item.topic_offset = static_cast<std::uint32_t>(
        reinterpret_cast<const std::uint8_t*>(packet.topic.data()) - base);
  }
  item.topic_size = static_cast<std::uint16_t>(packet.topic.size());
  item.properties_size = static_cast<std::uint32_t>(packet.properties.raw().size());
  item.payload_offset = offset + size - static_cast<std::uint32_t>(packet.payload.size());
  item.qos = packet.qos;
  item.retain = packet.retain;
  item.has_expiry = packet.has_message_expiry;
  if (item.has_expiry)
    batch_->received = now();
  item.plain = packet.qos == protocol::qos::at_most_once && !aliased;
  batch_->add(item);
  if (to->empty())
    return false;
  local_fan_out().add(to, static_cast<std::uint32_t>(batch_->size() - 1), self_->id);
  return true;
}

void session::on(deliver& message) {
  state_.deliver(message);
}

void session::on(attach_channel& message) {
  if (state_.over() && link_ != 0) {
    // The session ended while the broker sent this: it shall look again.
    post(broker_, session_ended{self_->id, message.link}, context());
    post(broker_, open_session{std::move(message.channel), std::move(message.connect)}, context());
    return;
  }
  if (channel_) {
    state_.refuse(protocol::reason_code::session_taken_over, {});
    leave_channel(protocol::reason_code::session_taken_over);
  }
  close_wanted_ = false;
  link_ = message.link;
  channel_ = message.channel.channel;
  meter_ = std::move(message.channel.meter);
  auto input = message.connect.view();
  auto found = protocol::read_frame(input, input.size());
  auto body = input.subspan(found->header.header_size);
  auto packet = protocol::decode(found->header, body, {}, protocol::sender::client);
  const auto& connect = std::get<protocol::connect>(*packet); // the broker looked before
  post(channel_, session_opened{caf::actor_cast<caf::actor>(ctrl()), connect.version, link_},
       context());
  state_.attach(connect, message.client_id, message.assigned_client_id, meter_);
  self_->online.store(true, std::memory_order_relaxed);
  count(bus_->counters.clients_connected);
  settle();
}

void session::on(channel_closed& message) {
  if (!channel_ || message.link != link_)
    return;
  if (message.reason == protocol::reason_code::success)
    channel_ = {};
  else
    state_.refuse(message.reason, {});
  leave_channel(message.reason);
  settle();
}

void session::on(subscribed& message) {
  state_.subscribed(message);
  read_held();
}

void session::on(unsubscribed& message) {
  state_.unsubscribed(message);
  read_held();
}

void session::on(end_session& message) {
  ended_by_broker_ = true;
  state_.end(message.reason);
  settle();
}

void session::on(alarm&) {
  alarm_at_.reset();
  state_.on_alarm();
  settle();
}

void session::retain(message_ptr value) {
  retain_messages message;
  message.values.push_back(std::move(value));
  post(broker_, std::move(message), context());
}

void session::subscribe(subscribe_request request) {
  post(broker_, std::move(request), context());
}

void session::unsubscribe(unsubscribe_request request) {
  post(broker_, std::move(request), context());
}

void session::close_channel(protocol::reason_code reason) {
  close_wanted_ = true;
  close_reason_ = reason;
}

// A will goes the way of any PUBLISH: encoded, then read.
void session::publish_will(const message_ptr& will) {
  protocol::publish packet;
  packet.topic = will->topic();
  packet.payload = will->payload();
  packet.properties = will->properties();
  packet.qos = will->qos();
  packet.retain = will->retain();
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
      if (read.retain)
        retain(message::make(read, version, encoded, now()));
      route(read, false, encoded.offset, encoded.size);
    });
  });
}

void session::dropped(protocol::reason_code) {
  count(bus_->counters.publishes_dropped);
}

void session::on_batch_end() {
  if (!channel_)
    return;
  state_.pump();
  flush_to_client();
  while (state_.waits_for_outbound() && !meter_->wait(state_.outbound_limit())) {
    state_.pump();
    flush_to_client();
  }
}

void session::flush_to_client() {
  if (state_.to_client.empty())
    return;
  auto bytes = state_.to_client.size_bytes();
  meter_->add(bytes);
  count(bus_->counters.bytes_sent, bytes);
  if (state_.publishes_sent > 0)
    count(bus_->counters.publishes_sent, std::exchange(state_.publishes_sent, 0));
  state_.to_client.take([this](frame&& packets) { post(channel_, std::move(packets), context()); });
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
    post(broker_, session_ended{self_->id, link_}, context());
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
  if (channel_)
    leave_channel(protocol::reason_code::unspecified_error);
  if (alarm_at_)
    post(bus_->timekeeper, cancel_alarm{id()}, context());
  self_.reset();
  broker_ = {};
  batch_ = {};
}

} // namespace actorbus
