// The publishes that wait to be sent: how many, in which order, for how long.

#include <actorbus/actors/client_state.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>

#include <actorbus/protocol/wire_writer.hpp>

namespace actorbus {

using protocol::property_id;
using protocol::qos;
using protocol::reason_code;

namespace {

std::size_t size_of(const outgoing_message& message) noexcept {
  return message.topic.size() + message.payload.size() + message.properties.view().raw().size();
}

/// The same properties with what is left of the expiry interval.
protocol::property_list with_expiry(protocol::properties_view of, std::uint32_t seconds) {
  protocol::property_list result;
  for (auto each : of) {
    if (each.id == property_id::message_expiry_interval)
      each.number = seconds;
    result.add(each);
  }
  return result;
}

} // namespace

std::size_t client_state::bytes_of(const operation& item) noexcept {
  if (item.prepared)
    return item.prepared->size_bytes();
  return item.encoded.bytes ? item.encoded.size : size_of(item.message);
}

void client_state::enqueue(operation item) {
  if (sends_at_once(item.message.qos))
    return send(std::move(item));
  auto bytes = bytes_of(item);
  if (!make_room(bytes))
    return tell(item.done, {reason_code::quota_exceeded, "too many publishes wait to be sent"});
  auto seconds = item.prepared
                     ? item.prepared->expiry_seconds()
                     : item.message.properties.view().number(property_id::message_expiry_interval);
  if (seconds && now_) {
    item.expires = now_() + std::chrono::seconds{*seconds};
    next_expiry_ = std::min(next_expiry_, item.expires);
  }
  ++waiting_count_;
  waiting_bytes_ += bytes;
  waiting_.push_back(std::move(item));
}

bool client_state::make_room(std::size_t bytes) {
  while (waiting_count_ >= options_.queued_messages_max ||
         (waiting_count_ > 0 && waiting_bytes_ + bytes > options_.queued_bytes_max)) {
    if (options_.when_full == full_queue::refuse ||
        !drop_oldest(options_.when_full == full_queue::drop_oldest_at_most_once))
      return false;
  }
  return true;
}

// @returns false if there is none to drop
bool client_state::drop_oldest(bool at_most_once_only) {
  for (; looked_through_ < waiting_.size(); ++looked_through_) {
    auto& item = waiting_[looked_through_];
    if (item.dropped || (at_most_once_only && item.message.qos != qos::at_most_once))
      continue;
    auto done = give_up_place(item);
    forget_dropped();
    tell(done, {reason_code::quota_exceeded, "dropped from a full queue for a newer message"});
    return true;
  }
  return false;
}

// @returns whom to tell why
completion client_state::give_up_place(operation& item) {
  --waiting_count_;
  waiting_bytes_ -= bytes_of(item);
  auto done = std::move(item.done);
  item = {};
  item.dropped = true;
  return done;
}

// Places of what was dropped are given back when they are most of the queue.
void client_state::forget_dropped() {
  if (waiting_.size() < 2 * waiting_count_ + 64)
    return;
  ring_queue<operation> rest;
  while (!waiting_.empty())
    if (auto item = waiting_.pop_front(); !item.dropped)
      rest.push_back(std::move(item));
  waiting_ = std::move(rest);
  looked_through_ = 0;
}

client_state::operation client_state::take_waiting() {
  auto item = waiting_.pop_front();
  if (waiting_.empty())
    next_expiry_ = never;
  looked_through_ -= looked_through_ > 0 ? 1 : 0;
  if (!item.dropped) {
    --waiting_count_;
    waiting_bytes_ -= bytes_of(item);
  }
  return item;
}

void client_state::put_back(window::slot& slot) {
  auto item = std::move(slot.value);
  window_.erase(slot);
  ++waiting_count_;
  waiting_bytes_ += bytes_of(item);
  next_expiry_ = std::min(next_expiry_, item.expires);
  looked_through_ = 0;
  waiting_.push_front(std::move(item));
}

// -- expiry --------------------------------------------------------------------------------------

outcome client_state::expired() {
  return {.code = reason_code::unspecified_error,
          .text = "the message expired before it could be sent",
          .how = ending::expired};
}

// At most once a second, however many there are: who waits for a connection is in no hurry.
void client_state::drop_expired() {
  if (next_expiry_ == never)
    return;
  auto time = now_();
  if (time < next_expiry_)
    return;
  next_expiry_ = never;
  std::vector<completion> over;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    auto& item = waiting_[i];
    if (!item.dropped && item.expires <= time)
      over.push_back(give_up_place(item));
    else
      next_expiry_ = std::min(next_expiry_, item.expires);
  }
  if (next_expiry_ != never)
    next_expiry_ = std::max(next_expiry_, time + std::chrono::seconds{1});
  forget_dropped();
  for (const auto& each : over)
    tell(each, expired());
}

// What is sent late says how long it still counts, as it would have been shortened by a broker
// meanwhile [v5: 3.3.2.3.3].
void client_state::shorten(operation& item, time_point time) const {
  auto left = static_cast<std::uint32_t>(
      std::chrono::ceil<std::chrono::seconds>(item.expires - time).count());
  if (item.prepared) {
    item.prepared->expire_after(left);
  } else if (item.encoded.bytes) {
    make_writable(item);
    protocol::wire_writer{item.encoded.bytes->data() + item.expiry_offset}.four_byte_integer(left);
  } else if (auto given = item.message.properties.view();
             given.number(property_id::message_expiry_interval) != left) {
    item.message.properties = with_expiry(given, left);
  }
}

// Somebody may still read the packet as it was sent: it stays as it is.
void client_state::make_writable(operation& item) const {
  if (item.encoded.bytes->unique())
    return;
  auto copy = buffer::make(item.encoded.size, payer_);
  std::memcpy(copy->data(), item.encoded.view().data(), item.encoded.size);
  item.encoded.bytes = std::move(copy);
}

} // namespace actorbus
