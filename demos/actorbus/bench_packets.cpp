#include "bench_packets.hpp"

#include <actorbus/protocol/encode.hpp>

namespace actorbus::demos {

namespace {

std::string base36(std::uint32_t number, int digits) {
  std::string text(static_cast<std::size_t>(digits), '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, number /= 36)
    *digit = "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36];
  return text;
}

} // namespace

std::string bench_topic(std::uint32_t run, std::uint32_t number) {
  return "b/" + base36(run, 2) + "/" + base36(number, 3);
}

std::string bench_filter(std::uint32_t run) {
  return "b/" + base36(run, 2) + "/+";
}

bench_packets::bench_packets(const bench_options& options, std::uint32_t run,
                             std::uint32_t publisher) {
  std::vector<std::uint8_t> payload(options.payload_bytes, 'x');
  std::memcpy(payload.data(), &publisher, sizeof publisher);
  auto topic = bench_topic(run, publisher);
  protocol::publish message;
  message.qos = options.qos;
  message.topic = topic;
  message.packet_id = options.qos == protocol::qos::at_most_once ? 0 : 1;
  message.payload = payload;
  packet_.resize(protocol::encoded_size(message, options.version));
  protocol::encode(message, options.version, packet_.data());
  sequence_offset_ = packet_.size() - payload.size() + sizeof publisher;
  if (options.qos != protocol::qos::at_most_once) {
    std::size_t properties = options.version == protocol::protocol_version::v5 ? 1 : 0;
    id_offset_ = packet_.size() - payload.size() - properties - sizeof(protocol::packet_id);
  }
}

} // namespace actorbus::demos
