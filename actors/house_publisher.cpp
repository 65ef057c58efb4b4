#include <actorbus/actors/house_publisher.hpp>

#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/outbox.hpp>
#include <actorbus/actors/routing_guard.hpp>
#include <actorbus/protocol/decode.hpp>

namespace actorbus {

namespace {

constexpr auto version = protocol::protocol_version::v5;

/// No session has it.
constexpr std::uint64_t nobody = 0;

publication place_of(const protocol::publish& packet, const frame& source) {
  const auto* begin = source.bytes->data();
  auto at = [begin](const void* where) {
    return static_cast<std::uint32_t>(static_cast<const std::uint8_t*>(where) - begin);
  };
  publication result;
  result.offset = source.offset;
  result.size = source.size;
  result.topic_offset = at(packet.topic.data());
  result.topic_size = static_cast<std::uint16_t>(packet.topic.size());
  result.payload_offset =
      source.offset + source.size - static_cast<std::uint32_t>(packet.payload.size());
  result.retain = packet.retain;
  result.plain = true;
  return result;
}

} // namespace

house_publisher::house_publisher(bus_context_ptr bus, caf::actor broker)
    : bus_(std::move(bus)), broker_(std::move(broker)) {}

void house_publisher::publish(std::string_view topic, std::string_view payload, bool retain,
                              time_point now, caf::execution_unit* context) {
  protocol::publish written;
  written.topic = topic;
  written.payload = protocol::as_bytes(payload);
  written.retain = retain;
  outbox writer;
  writer.encode(written, version);
  writer.take([&](frame&& source) {
    // Encoded, then read, like any PUBLISH: so that the parts lie in the frame.
    auto found = protocol::read_frame(source.view(), source.size);
    protocol::publish packet;
    protocol::decode_publish(found->header, source.view().subspan(found->header.header_size),
                             version, protocol::sender::client, packet);
    if (retain) {
      retain_messages keep;
      keep.values.push_back(message::make(packet, version, source, now));
      keep.source = source;
      post(broker_, std::move(keep), context);
    }
    routing_guard guard;
    const auto* to = bus_->subscriptions.find(packet.topic);
    if (to->empty())
      return;
    auto batch = publication_batch::make(1);
    batch->add(place_of(packet, source));
    batch->source = source;
    batch->version = version;
    batch->publisher = nobody;
    receivers_.add(to, 0, 1, nobody);
    receivers_.finish(batch, nobody, [&](subscriber& each, deliver&& message) {
      post(each.actor, std::move(message), context);
    });
  });
}

void house_publisher::close() {
  bus_.reset();
  broker_ = {};
}

} // namespace actorbus
