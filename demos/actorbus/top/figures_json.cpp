#include "top/figures_json.hpp"

#include <nlohmann/json.hpp>

#include <actorbus/actors/messages.hpp>

namespace actorbus::demos {

namespace {

using nlohmann::json;

/// Members of one JSON object, whatever it is that somebody has sent.
class members {
public:
  explicit members(const json& from) : from_(from) {}

  template <class T>
  void read(const char* name, T& into) const {
    auto found = from_.find(name);
    if (found == from_.end())
      return;
    if constexpr (std::is_same_v<T, std::string>) {
      if (found->is_string())
        into = found->get<std::string>();
    } else if constexpr (std::is_same_v<T, bool>) {
      if (found->is_boolean())
        into = found->get<bool>();
    } else if constexpr (std::is_floating_point_v<T>) {
      if (found->is_number())
        into = found->get<T>();
    } else if (found->is_number_unsigned()) {
      into = found->get<T>();
    }
  }

  template <class F>
  void each(const char* name, F visit) const {
    auto found = from_.find(name);
    if (found == from_.end() || !found->is_array())
      return;
    for (const auto& value : *found)
      visit(value);
  }

private:
  const json& from_;
};

void read_traffic(const members& from, traffic_figures& into) {
  from.read("messages_in", into.messages_in);
  from.read("messages_out", into.messages_out);
  from.read("bytes_in", into.bytes_in);
  from.read("bytes_out", into.bytes_out);
  from.read("dropped", into.dropped);
}

session_figures read_client(const json& object) {
  members from{object};
  session_figures into;
  from.read("client", into.client_id);
  from.read("transport", into.transport);
  from.read("peer", into.peer);
  from.read("listener", into.listener);
  std::string version;
  from.read("version", version);
  using enum protocol::protocol_version;
  for (auto each : {v3_1, v3_1_1, v5})
    if (protocol::to_string(each) == version)
      into.version = each;
  from.read("connected", into.connected);
  read_traffic(from, into.traffic);
  from.read("in_per_s", into.in_per_second);
  from.read("out_per_s", into.out_per_second);
  from.read("queued", into.queued_messages);
  from.read("inflight", into.inflight);
  from.read("stored_bytes", into.stored_bytes);
  from.read("subscriptions", into.subscriptions);
  from.each("filters", [&](const json& filter) {
    if (filter.is_string())
      into.filters.push_back(filter.get<std::string>());
  });
  return into;
}

listener_figures read_listener(const json& object) {
  members from{object};
  auto listener = std::make_shared<listener_policy>();
  from.read("url", listener->name);
  listener_figures into;
  from.read("connected", into.connected);
  into.listener = std::move(listener);
  return into;
}

} // namespace

std::optional<bus_figures> read_figures(std::string_view text) {
  auto object = json::parse(text, nullptr, false);
  if (!object.is_object())
    return std::nullopt;
  members from{object};
  bus_figures into;
  std::string order;
  from.read("order", order);
  for (auto each : figures_orders)
    if (to_string(each) == order)
      into.order = each;
  std::uint64_t uptime_seconds = 0;
  from.read("uptime_s", uptime_seconds);
  into.uptime = std::chrono::seconds{uptime_seconds};
  read_traffic(from, into.totals);
  from.read("in_per_s", into.in_per_second);
  from.read("out_per_s", into.out_per_second);
  from.read("bytes_in_per_s", into.bytes_in_per_second);
  from.read("bytes_out_per_s", into.bytes_out_per_second);
  from.read("sessions", into.sessions);
  from.read("connected", into.connected);
  from.read("subscriptions", into.subscriptions);
  from.read("retained", into.retained_messages);
  from.read("stored", into.stored_messages);
  from.read("stored_bytes", into.stored_bytes);
  from.each("listeners", [&](const json& each) {
    if (each.is_object())
      into.listeners.push_back(read_listener(each));
  });
  from.each("clients", [&](const json& each) {
    if (each.is_object())
      into.clients.push_back(read_client(each));
  });
  return into;
}

} // namespace actorbus::demos
