// From the client's frames, and from messages of the session's own, to those who subscribe.

#include <actorbus/actors/session.hpp>

#include <algorithm>
#include <chrono>

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
  if (auto messages = std::exchange(received_, 0); messages > 0) {
    count(bus_->counters.publishes_received, messages);
    session_counters::add(counters_.messages_in, messages);
  }
  if (!batch_)
    return;
  batch_->source = source;
  batch_->version = version;
  local_fan_out().finish(batch_, self_->id, [this](subscriber& to, deliver&& message) {
    post(to.actor, std::move(message), context());
  });
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

} // namespace actorbus
