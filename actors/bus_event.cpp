#include <actorbus/actors/bus_event.hpp>

#include <array>

#include <actorbus/actors/json_text.hpp>

namespace actorbus {

std::string_view to_string(bus_event::kind what) noexcept {
  constexpr std::array<std::string_view, 3> names{"dropped", "refused", "closed"};
  return names[static_cast<std::size_t>(what)];
}

std::string to_json(const bus_event& event) {
  return "{\"client\":" + json_text(event.client_id) +
         ",\"transport\":" + json_text(event.transport) + ",\"peer\":" + json_text(event.peer) +
         ",\"listener\":" + json_text(event.listener) +
         ",\"code\":" + std::to_string(static_cast<unsigned>(event.code)) +
         ",\"reason\":" + json_text(protocol::to_string(event.code)) +
         ",\"count\":" + std::to_string(event.count) + '}';
}

bus_event make_event(bus_event::kind what, const channel_info& channel, std::string_view client_id,
                     protocol::reason_code code, std::uint64_t count) {
  return {what,
          std::string{client_id},
          channel.transport,
          channel.peer,
          channel.policy ? channel.policy->name : std::string{},
          code,
          count};
}

} // namespace actorbus
