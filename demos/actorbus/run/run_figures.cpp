#include "run/run_figures.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace actorbus::demos {

namespace {

using sessions_by_name = std::map<std::string, session_figures, std::less<>>;

/// Adds what an earlier session of the same client has done.
void add_traffic(traffic_figures& to, const traffic_figures& more) {
  to.messages_in += more.messages_in;
  to.messages_out += more.messages_out;
  to.bytes_in += more.bytes_in;
  to.bytes_out += more.bytes_out;
  to.dropped += more.dropped;
}

// One a client: what it has done in all of its sessions, and how the last of them is.
sessions_by_name by_name(bus_figures& bus) {
  sessions_by_name result;
  for (auto& each : bus.clients) {
    auto name = each.client_id;
    result[std::move(name)] = std::move(each);
  }
  for (auto each = bus.left.rbegin(); each != bus.left.rend(); ++each) { // the latest first
    auto [known, is_new] = result.try_emplace(each->client_id, *each);
    if (!is_new)
      add_traffic(known->second.traffic, each->traffic);
  }
  bus.clients.clear();
  bus.left.clear();
  return result;
}

session_figures take(sessions_by_name& from, std::string_view name) {
  auto found = from.find(name);
  if (found == from.end())
    return {};
  auto result = std::move(found->second);
  from.erase(found);
  return result;
}

run_figures::bridge figures_of(const run_outline::bridge& what) {
  run_figures::bridge result;
  result.name = what.name;
  result.topics = what.topics;
  const auto& status = *what.status;
  result.connected = status.connected;
  result.address = status.address();
  result.last_error = status.last_error();
  result.connections = status.connections;
  result.sent = status.sent;
  result.received = status.received;
  result.acknowledged = status.acknowledged;
  result.refused = status.refused;
  result.dropped = status.dropped;
  result.looped = status.looped;
  result.queued = status.queued;
  return result;
}

} // namespace

run_figures gather(const run_outline& outline, bus_figures bus) {
  run_figures result;
  result.seed = outline.seed;
  result.duration = bus.uptime;
  for (const auto& each : outline.listeners) {
    auto known = std::find_if(bus.listeners.begin(), bus.listeners.end(),
                              [&](const auto& other) { return other.listener == each.policy; });
    result.listeners.push_back(
        {each.url, each.policy->name, known == bus.listeners.end() ? 0 : known->connected});
  }
  auto listed = bus.clients.size();
  auto sessions = by_name(bus);
  for (const auto& each : outline.participants)
    result.participants.push_back({each, take(sessions, each.name)});
  for (const auto& each : outline.bridges) {
    result.bridges.push_back(figures_of(each));
    result.bridges.back().session = take(sessions, "bridge:" + each.name);
  }
  result.observed = take(sessions, observer_id).traffic.messages_out;
  for (auto& [name, each] : sessions)
    result.clients.push_back(std::move(each));
  std::stable_sort(result.clients.begin(), result.clients.end(), [](const auto& a, const auto& b) {
    if (a.connected != b.connected)
      return a.connected;
    auto rate = [](const session_figures& of) { return of.in_per_second + of.out_per_second; };
    auto count = [](const session_figures& of) {
      return of.traffic.messages_in + of.traffic.messages_out;
    };
    return rate(a) != rate(b) ? rate(a) > rate(b) : count(a) > count(b);
  });
  result.clients_left_off = bus.sessions - std::min(bus.sessions, listed);
  result.bus = std::move(bus);
  return result;
}

} // namespace actorbus::demos
