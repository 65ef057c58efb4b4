#include "golden.hpp"

#include <deque>

namespace actorbus::protocol {

namespace {

byte_view keep_forever(byte_vector value) {
  static std::deque<byte_vector> kept;
  return kept.emplace_back(std::move(value));
}

} // namespace

properties_view keep(property_list list) {
  static std::deque<property_list> kept;
  return kept.emplace_back(std::move(list)).view();
}

byte_view keep_bytes(std::string_view notation) {
  return keep_forever(bytes(notation));
}

entry_list<subscription> keep_entries(protocol_version version, std::vector<subscription> entries) {
  byte_vector raw;
  for (const auto& each : entries)
    append_entry(raw, each, version);
  return entry_list<subscription>{keep_forever(std::move(raw))};
}

entry_list<std::string_view> keep_filters(std::vector<std::string_view> filters) {
  byte_vector raw;
  for (auto each : filters)
    append_entry(raw, each);
  return entry_list<std::string_view>{keep_forever(std::move(raw))};
}

const std::vector<golden>& golden_packets() {
  static const auto all = [] {
    std::vector<golden> result;
    for (auto part :
         {golden_connects, golden_publishes, golden_acknowledgements, golden_subscriptions, golden_connection_packets})
      for (auto& each : part())
        result.push_back(std::move(each));
    return result;
  }();
  return all;
}

} // namespace actorbus::protocol
