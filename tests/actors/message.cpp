#include <actorbus/actors/message.hpp>

#include <cstring>
#include <string>

#include <catch2/catch.hpp>

using namespace actorbus;
using namespace std::chrono_literals;
using protocol::property_id;
using protocol::protocol_version;

namespace {

const time_point arrival{1000s};

/// A frame with `text` at its beginning.
frame make_frame(std::size_t capacity, std::string_view text) {
  frame made;
  made.bytes = buffer::make(capacity);
  std::memcpy(made.bytes->data(), text.data(), text.size());
  made.size = static_cast<std::uint32_t>(text.size());
  return made;
}

std::string_view text_of(const frame& from, std::size_t offset, std::size_t size) {
  return protocol::as_text(from.view().subspan(offset, size));
}

bool lies_in(const void* part, const frame& whole) {
  const auto* at = static_cast<const std::uint8_t*>(part);
  return at >= whole.bytes->data() && at < whole.bytes->data() + whole.bytes->capacity();
}

} // namespace

TEST_CASE("a small message is copied out of its frame", "[message]") {
  auto source = make_frame(1000, "topicpayload");
  protocol::publish packet;
  packet.topic = text_of(source, 0, 5);
  packet.payload = protocol::as_bytes(text_of(source, 5, 7));
  packet.qos = protocol::qos::at_least_once;
  packet.retain = true;
  auto made = message::make(packet, protocol_version::v5, source, arrival);
  CHECK(source.bytes->unique());
  std::memset(source.bytes->data(), 0, 12);
  CHECK(made->topic() == "topic");
  CHECK(protocol::as_text(made->payload()) == "payload");
  CHECK(made->qos() == protocol::qos::at_least_once);
  CHECK(made->retain());
  CHECK(made->properties().empty());
  CHECK(made->size_bytes() == sizeof(message) + 12);
  CHECK_FALSE(made->expires());
}

TEST_CASE("a message that takes half of its frame keeps the frame instead", "[message]") {
  auto source = make_frame(10'000, "topic" + std::string(6'000, 'x'));
  protocol::publish packet;
  packet.topic = text_of(source, 0, 5);
  packet.payload = protocol::as_bytes(text_of(source, 5, 6'000));
  {
    auto made = message::make(packet, protocol_version::v5, source, arrival);
    CHECK_FALSE(source.bytes->unique());
    CHECK(made->topic().data() == packet.topic.data());
    CHECK(made->payload().data() == packet.payload.data());
    auto second = made;
    made = {};
    CHECK(second->payload().size() == 6'000);
  }
  CHECK(source.bytes->unique());
}

TEST_CASE("a short message is copied even if it is all of its frame", "[message]") {
  auto source = make_frame(12, "topicpayload");
  protocol::publish packet;
  packet.topic = text_of(source, 0, 5);
  packet.payload = protocol::as_bytes(text_of(source, 5, 7));
  auto made = message::make(packet, protocol_version::v5, source, arrival);
  CHECK(source.bytes->unique());
}

TEST_CASE("what doesn't lie in the frame is copied even so", "[message]") {
  auto source = make_frame(10'000, std::string(6'000, 'x'));
  std::string topic = "resolved/from/an/alias";
  protocol::property_list properties;
  properties.add(property_id::topic_alias, 5).add(property_id::content_type, "text");
  protocol::publish packet;
  packet.topic = topic;
  packet.topic_alias = 5;
  packet.properties = properties.view();
  packet.payload = source.view();
  auto made = message::make(packet, protocol_version::v5, source, arrival);
  topic.assign(topic.size(), '-');
  properties.clear();
  CHECK(made->topic() == "resolved/from/an/alias");
  CHECK(made->properties().text(property_id::content_type) == "text");
  CHECK(lies_in(made->payload().data(), source));
}

TEST_CASE("a message forgets the properties of its transfer and keeps the others in order", "[message]") {
  protocol::property_list all;
  all.add_user("first", "1")
      .add(property_id::topic_alias, 5)
      .add(property_id::message_expiry_interval, 60)
      .add(property_id::subscription_identifier, 300)
      .add(property_id::correlation_data, "c")
      .add(property_id::will_delay_interval, 7)
      .add_user("first", "2");
  protocol::property_list rest;
  rest.add_user("first", "1")
      .add(property_id::message_expiry_interval, 60)
      .add(property_id::correlation_data, "c")
      .add_user("first", "2");
  protocol::publish packet;
  packet.topic = "a";
  packet.properties = all.view();
  auto made = message::make(packet, protocol_version::v5, {}, arrival);
  CHECK(protocol::property_list{made->properties()} == rest);

  packet.properties = rest.view();
  auto same = message::make(packet, protocol_version::v5, {}, arrival);
  CHECK(protocol::property_list{same->properties()} == rest);
}

TEST_CASE("a message from 3.1.1 has no properties", "[message]") {
  protocol::publish packet;
  packet.topic = "a";
  CHECK(message::make(packet, protocol_version::v3_1_1, {}, arrival)->properties().empty());
}

TEST_CASE("a message expires after its interval, and says what is left of it [v5:MQTT-3.3.2-6]", "[message]") {
  protocol::publish packet;
  packet.topic = "a";
  packet.has_message_expiry = true;
  packet.message_expiry_interval_seconds = 60;
  auto made = message::make(packet, protocol_version::v5, {}, arrival);
  CHECK(made->expires() == arrival + 60s);
  CHECK_FALSE(made->expired(arrival + 60s - 1ns));
  CHECK(made->expired(arrival + 60s));
  CHECK(made->remaining_seconds(arrival) == 60);
  CHECK(made->remaining_seconds(arrival + 1ns) == 60);
  CHECK(made->remaining_seconds(arrival + 59s + 1ns) == 1);
  CHECK(made->remaining_seconds(arrival + 61s) == 0);

  packet.message_expiry_interval_seconds = 0xFFFF'FFFF;
  made = message::make(packet, protocol_version::v5, {}, arrival);
  CHECK(made->remaining_seconds(arrival) == 0xFFFF'FFFF);
}
