#include "bench_publisher.hpp"

#include <algorithm>
#include <stdexcept>

namespace actorbus::demos {

bench_publisher::bench_publisher(bench_connection connection, const bench_options& options,
                                 std::uint32_t run, std::uint32_t number, std::uint32_t window)
    : connection_(std::move(connection)),
      packets_(options, run, number),
      qos_(options.qos),
      version_(options.version),
      batch_(options.batch),
      window_(window),
      ids_(std::min(65'536U, 2 * window + 1), id_state::free) {}

std::uint64_t bench_publisher::in_flight() const noexcept {
  auto finished =
      qos_ == protocol::qos::at_most_once ? delivered_ : std::min(delivered_, acknowledged_);
  return sent_ - finished;
}

void bench_publisher::pump() {
  // Waiting for room for half a window keeps writes full when acknowledgements trickle in.
  auto worth_writing = std::min(batch_, std::max(1U, window_ / 2));
  while (sent_ < allowed_ && connection_.flush()) {
    auto room = window_ - std::min<std::uint64_t>(window_, in_flight());
    auto left = allowed_ - sent_;
    if (room < std::min<std::uint64_t>(worth_writing, left))
      return;
    auto count = std::min({static_cast<std::uint64_t>(batch_), room, left});
    if (append_messages(static_cast<std::uint32_t>(count)) == 0)
      return;
  }
  connection_.flush();
}

std::uint32_t bench_publisher::append_messages(std::uint32_t count) {
  auto& out = connection_.out;
  for (std::uint32_t done = 0; done < count; ++done) {
    if (qos_ != protocol::qos::at_most_once) {
      if (ids_[next_id_] != id_state::free)
        return done; // the broker has left one behind
      ids_[next_id_] = id_state::published;
    }
    packets_.append(out, static_cast<std::uint32_t>(sent_),
                    static_cast<protocol::packet_id>(next_id_));
    ++sent_;
    if (++next_id_ == ids_.size())
      next_id_ = 1;
  }
  return count;
}

void bench_publisher::on_ack(protocol::packet_type type, const std::uint8_t* id_bytes) {
  auto id = static_cast<std::size_t>(id_bytes[0] << 8 | id_bytes[1]);
  auto expected = type == protocol::packet_type::pubcomp ? id_state::released : id_state::published;
  if (id >= ids_.size() || ids_[id] != expected)
    throw std::runtime_error("bench: the broker acknowledged a message that was not in flight");
  if (type == protocol::packet_type::pubrec) {
    ids_[id] = id_state::released;
    append_ack(connection_.out, protocol::packet_type::pubrel, id_bytes);
    return;
  }
  ids_[id] = id_state::free;
  ++acknowledged_;
}

/// What the fast path does not know: an acknowledgement in its long form, or an error.
void bench_publisher::on_other(const std::uint8_t* bytes, const protocol::packet& packet) {
  bool refused = false;
  if (auto* puback = std::get_if<protocol::puback>(&packet))
    refused = protocol::is_error(puback->code);
  else if (auto* pubrec = std::get_if<protocol::pubrec>(&packet))
    refused = protocol::is_error(pubrec->code);
  else if (std::holds_alternative<protocol::disconnect>(packet))
    throw std::runtime_error("bench: the broker ended a connection");
  else if (!std::holds_alternative<protocol::pubcomp>(packet))
    throw std::runtime_error("bench: the broker sent a packet that nobody asked for");
  if (refused)
    throw std::runtime_error("bench: the broker refused a message");
  on_ack(protocol::type_of(packet), bytes + 2);
}

std::uint32_t bench_publisher::on_readable(bench_scratch& scratch) {
  using enum protocol::packet_type;
  auto rest = connection_.read(scratch);
  auto is_ack = [this](protocol::packet_type type) {
    return qos_ == protocol::qos::at_least_once ? type == puback
                                                : type == pubrec || type == pubcomp;
  };
  std::uint32_t count = 0;
  for (;; ++count) {
    auto before = rest;
    auto type = static_cast<protocol::packet_type>(rest.empty() ? 0 : rest[0] >> 4);
    protocol::packet packet;
    if (rest.size() >= 4 && rest[1] == 2 && is_ack(type)) { // the short form: the identifier alone
      on_ack(type, &rest[2]);
      rest = rest.subspan(4);
    } else if (take_packet(rest, version_, packet)) {
      on_other(before.data(), packet);
    } else {
      break;
    }
  }
  connection_.keep(rest);
  connection_.flush();
  return count;
}

} // namespace actorbus::demos
