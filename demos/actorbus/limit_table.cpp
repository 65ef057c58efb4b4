#include "limit_table.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "nearest_name.hpp"

namespace actorbus::demos {

namespace {

// clang-format off
constexpr std::array rules{
  limit_rule{"connections_max", &limits::connections_max, 1},
  limit_rule{"connect_timeout_ms", &limits::connect_timeout_ms, 1},
  limit_rule{"packet_size_bytes_max", &limits::packet_size_bytes_max, 128},
  limit_rule{"connect_size_bytes_max", &limits::connect_size_bytes_max, 128},
  limit_rule{"authentications_max", &limits::authentications_max, 1, true},
  limit_rule{"authentication_timeout_ms", &limits::authentication_timeout_ms, 1},
  limit_rule{"keep_alive_seconds_max", &limits::keep_alive_seconds_max},
  limit_rule{"shared_memory_ring_bytes", &limits::shared_memory_ring_bytes, 4096},
  limit_rule{"shared_memory_links_max", &limits::shared_memory_links_max, 1},
  limit_rule{"sessions_max", &limits::sessions_max, 1, true},
  limit_rule{"session_expiry_seconds_max", &limits::session_expiry_seconds_max},
  limit_rule{"subscriptions_per_session_max", &limits::subscriptions_per_session_max},
  limit_rule{"client_id_bytes_max", &limits::client_id_bytes_max, 23},
  limit_rule{"topic_bytes_max", &limits::topic_bytes_max, 1},
  limit_rule{"topic_levels_max", &limits::topic_levels_max, 1},
  limit_rule{"topic_alias_max", &limits::topic_alias_max},
  limit_rule{"topic_alias_outbound_max", &limits::topic_alias_outbound_max},
  limit_rule{"receive_maximum", &limits::receive_maximum, 1},
  limit_rule{"inflight_max", &limits::inflight_max, 1},
  limit_rule{"queued_messages_max", &limits::queued_messages_max},
  limit_rule{"queued_bytes_max", &limits::queued_bytes_max},
  limit_rule{"queued_total_messages_max", &limits::queued_total_messages_max, 0, true},
  limit_rule{"queued_total_bytes_max", &limits::queued_total_bytes_max, 0, true},
  limit_rule{"inbound_bytes_max", &limits::inbound_bytes_max, 1024},
  limit_rule{"filters_per_packet_max", &limits::filters_per_packet_max, 1},
  limit_rule{"outbound_bytes_max", &limits::outbound_bytes_max, 1024},
  limit_rule{"outbound_total_bytes_max", &limits::outbound_total_bytes_max, 1024, true},
  limit_rule{"stalled_bytes_max", &limits::stalled_bytes_max, 1024},
  limit_rule{"stall_timeout_ms", &limits::stall_timeout_ms, 1},
  limit_rule{"stall_disconnect_ms", &limits::stall_disconnect_ms, 1},
  limit_rule{"publish_per_second_max", &limits::publish_per_second_max},
  limit_rule{"publish_burst_max", &limits::publish_burst_max, 1},
  limit_rule{"payload_check_bytes_max", &limits::payload_check_bytes_max},
  limit_rule{"figures_clients_max", &limits::figures_clients_max, 0, true},
  limit_rule{"retained_messages_max", &limits::retained_messages_max, 0, true},
  limit_rule{"retained_bytes_max", &limits::retained_bytes_max, 0, true},
};
// clang-format on

template <class T>
constexpr std::int64_t largest() {
  if constexpr (sizeof(T) < sizeof(std::int64_t))
    return std::numeric_limits<T>::max();
  else
    return std::numeric_limits<std::int64_t>::max();
}

} // namespace

std::span<const limit_rule> limit_rules() noexcept {
  return rules;
}

std::string set_limit(limits& into, std::string_view name, std::int64_t value) {
  auto rule = std::find_if(rules.begin(), rules.end(),
                           [&](const limit_rule& each) { return each.name == name; });
  if (rule == rules.end()) {
    std::vector<std::string_view> names;
    for (const auto& each : rules)
      names.push_back(each.name);
    return "unknown limit \"" + std::string{name} + '"' + suggestion(name, names);
  }
  auto set = [&]<class T>(T limits::*member) -> std::string {
    if (value < rule->minimum || value > largest<T>())
      return std::to_string(value) + " is out of range: " + std::to_string(rule->minimum) + " to " +
             std::to_string(largest<T>());
    into.*member = static_cast<T>(value);
    return {};
  };
  return std::visit(set, rule->where);
}

std::uint64_t limit_value(const limits& of, const limit_rule& rule) {
  return std::visit([&](auto member) -> std::uint64_t { return of.*member; }, rule.where);
}

} // namespace actorbus::demos
