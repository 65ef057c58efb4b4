#include "bench_subscriber.hpp"

#include <stdexcept>

namespace actorbus::demos {

bench_subscriber::bench_subscriber(bench_connection connection, const bench_options& options,
                                   std::uint32_t run, std::uint32_t first_publisher,
                                   std::uint32_t publishers)
    : connection_(std::move(connection)),
      packets_(options, run, first_publisher),
      qos_(options.qos),
      version_(options.version),
      first_publisher_(first_publisher),
      next_(publishers) {}

void bench_subscriber::give_up(std::uint32_t publisher, std::uint32_t sequence) noexcept {
  auto& next = next_[publisher - first_publisher_];
  skipped_ += sequence - next;
  next = sequence;
}

void bench_subscriber::on_publish(const std::uint8_t* packet) {
  auto index = packets_.publisher_of(packet) - first_publisher_;
  if (index >= next_.size())
    throw std::runtime_error("bench: the broker sent a message to the wrong subscriber");
  auto ahead = static_cast<std::int32_t>(packets_.sequence_of(packet) - next_[index]);
  if (ahead >= 0) {
    next_[index] += static_cast<std::uint32_t>(ahead) + 1;
    skipped_ += static_cast<std::uint32_t>(ahead);
  } else {
    ++repeated_;
  }
  ++delivered_;
  if (qos_ == protocol::qos::at_least_once) {
    append_ack(connection_.out, protocol::packet_type::puback, packets_.id_of(packet));
  } else if (qos_ == protocol::qos::exactly_once) {
    append_ack(connection_.out, protocol::packet_type::pubrec, packets_.id_of(packet));
    ++unreleased_;
  }
}

std::uint32_t bench_subscriber::on_readable(bench_scratch& scratch) {
  auto rest = connection_.read(scratch);
  auto size = packets_.size();
  std::uint32_t count = 0;
  for (;;) {
    const auto* at = rest.data();
    const auto* end = at + rest.size();
    for (; static_cast<std::size_t>(end - at) >= size && packets_.begins_alike(at);
         at += size, ++count)
      on_publish(at);
    constexpr std::uint8_t pubrel_first_byte = 0x62;
    for (; end - at >= 4 && at[0] == pubrel_first_byte && at[1] == 2 && unreleased_ != 0;
         at += 4, ++count) {
      append_ack(connection_.out, protocol::packet_type::pubcomp, at + 2);
      --unreleased_;
    }
    bool moved = at != rest.data();
    rest = rest.subspan(static_cast<std::size_t>(at - rest.data()));
    if (moved)
      continue;
    auto before = rest;
    protocol::packet packet;
    if (!take_packet(rest, version_, packet))
      break;
    on_other(before.first(before.size() - rest.size()), packet);
    ++count;
  }
  connection_.keep(rest);
  connection_.flush();
  return count;
}

/// What the fast path does not know: a PUBLISH with DUP, a PUBREL in its long form, or an error.
void bench_subscriber::on_other(protocol::byte_view bytes, const protocol::packet& packet) {
  auto* publish = std::get_if<protocol::publish>(&packet);
  if (publish != nullptr && publish->qos == qos_ && bytes.size() == packets_.size()) {
    on_publish(bytes.data());
    return;
  }
  if (std::holds_alternative<protocol::pubrel>(packet) && unreleased_ != 0) {
    append_ack(connection_.out, protocol::packet_type::pubcomp, &bytes[2]);
    --unreleased_;
    return;
  }
  throw std::runtime_error("bench: a subscriber received a packet that is not of this run");
}

} // namespace actorbus::demos
