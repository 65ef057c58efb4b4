#include <actorbus/actors/client_events.hpp>

#include <cstring>

namespace actorbus {

namespace {

// A topic that came as an alias lies with the client's aliases, which may change.
bool lies_in(std::string_view text, const frame& source) noexcept {
  const auto* begin = reinterpret_cast<const char*>(source.bytes->data());
  return std::less_equal<>{}(begin, text.data()) &&
         std::less_equal<>{}(text.data() + text.size(), begin + source.bytes->capacity());
}

} // namespace

std::size_t size_bytes(const incoming_message& message) noexcept {
  return sizeof message + message.topic.size() + message.properties.raw().size() +
         message.payload.size();
}

incoming_message to_keep(const incoming_message& message) {
  const auto& source = message.source;
  auto properties = message.properties.raw();
  auto size = message.topic.size() + properties.size() + message.payload.size();
  // A small message mustn't keep a large buffer for as long as nobody reads it.
  if (size * 4 >= source.bytes->capacity() && lies_in(message.topic, source))
    return message;
  auto copy = message;
  copy.source = {buffer::make(size), 0, static_cast<std::uint32_t>(size)};
  auto* at = copy.source.bytes->data();
  auto keep = [&at](const void* from, std::size_t count) {
    auto* begin = at;
    if (count > 0)
      std::memcpy(begin, from, count);
    at += count;
    return begin;
  };
  auto* topic = keep(message.topic.data(), message.topic.size());
  copy.topic = protocol::as_text({topic, message.topic.size()});
  auto* raw = keep(properties.data(), properties.size());
  copy.properties = protocol::properties_view{{raw, properties.size()}};
  auto* payload = keep(message.payload.data(), message.payload.size());
  copy.payload = protocol::as_text({payload, message.payload.size()});
  return copy;
}

} // namespace actorbus
