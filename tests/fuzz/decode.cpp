// A stream of packets from anybody: the first byte says who speaks which version, the rest is the
// stream. Every packet that decodes is walked to its last property and line, so that each view is
// looked at.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/topic.hpp>

#include "fuzz/conversation.hpp"

namespace {

using namespace actorbus::protocol;

std::size_t looked_at = 0;

void look_at(std::string_view text) {
  for (auto each : text)
    looked_at += static_cast<unsigned char>(each);
}

void look_at(const subscription& entry) {
  look_at(entry.filter);
  if (check_topic_filter(entry.filter) == errc::none)
    looked_at += split_share(entry.filter).filter.size();
}

void look_at(properties_view properties) {
  for (const auto& each : properties) {
    look_at(each.text);
    look_at(each.value);
  }
}

template <class Packet>
void look_at_packet(const Packet& value) {
  if constexpr (requires { value.properties; })
    look_at(value.properties);
  if constexpr (requires { value.entries; })
    for (const auto& each : value.entries)
      look_at(each);
  if constexpr (requires { value.topic; })
    look_at(value.topic);
  if constexpr (requires { value.payload; })
    look_at(as_text(value.payload));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  conversation talk{{data, size}};
  while (auto decoded = talk.next()) {
    std::visit([](const auto& value) { look_at_packet(value); }, *decoded);
    if (const auto* value = std::get_if<connect>(&*decoded); value != nullptr && value->will)
      look_at_packet(*value->will);
  }
  if (talk.cause() != errc::none && to_string(talk.cause()).empty())
    std::abort();
  return 0;
}
