#include "run/picture_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "view/number_text.hpp"

namespace actorbus::demos {

namespace {

using branch = picture_plan::branch;
using flow = picture_plan::flow;
using look = picture_plan::look;
using node = picture_plan::node;

/// On each side of the bus; participants first.
constexpr std::size_t branches_max = 16;
constexpr std::size_t clients_a_listener_max = 5;
constexpr std::size_t topics_max = 14;

std::string joined(const std::vector<std::string>& texts) {
  std::string result;
  for (const auto& each : texts)
    result += (result.empty() ? "" : ", ") + each;
  return result;
}

std::string with_name(std::string topic, const std::string& name) {
  constexpr std::string_view placeholder = "{name}";
  for (auto at = topic.find(placeholder); at != topic.npos;
       at = topic.find(placeholder, at + name.size()))
    topic.replace(at, placeholder.size(), name);
  return topic;
}

flow flow_of(std::string label, std::uint64_t count) {
  auto exists = count != 0 || !label.empty();
  return {exists, std::move(label), count};
}

void add(flow& to, const flow& more) {
  to.exists = to.exists || more.exists;
  to.count += more.count;
}

/// The sum of several nodes.
node sum_of(std::span<const node> nodes, std::string_view what) {
  node result{look::rest, fmt::format("{} more", nodes.size()), std::string{what}, false, {}, {}};
  for (const auto& each : nodes) {
    add(result.to_bus, each.to_bus);
    add(result.from_bus, each.from_bus);
  }
  return result;
}

branch of_participant(const run_figures::participant& each) {
  const auto& what = each.what;
  const auto& traffic = each.session.traffic;
  return {{look::participant, what.name, what.kind, !each.session.connected,
           flow_of(with_name(what.topic, what.name), traffic.messages_in),
           flow_of(joined(what.filters), traffic.messages_out)},
          {}};
}

node of_client(const session_figures& each) {
  auto subtitle = each.peer.empty() ? each.transport : each.peer;
  return {look::client,
          each.client_id,
          each.connected ? subtitle : "not connected",
          !each.connected,
          flow_of({}, each.traffic.messages_in),
          flow_of(joined(each.filters), each.traffic.messages_out)};
}

/// Clients that came one way, of whom the busiest have nodes of their own.
branch of_clients(node inner, std::vector<node> clients) {
  for (const auto& each : clients) {
    add(inner.to_bus, each.to_bus);
    add(inner.from_bus, each.from_bus);
  }
  std::stable_sort(clients.begin(), clients.end(), [](const node& a, const node& b) {
    auto count = [](const node& of) { return of.to_bus.count + of.from_bus.count; };
    return count(a) != count(b) ? count(a) > count(b) : a.title < b.title;
  });
  if (clients.size() > clients_a_listener_max) {
    auto rest = std::span{clients}.subspan(clients_a_listener_max - 1);
    auto sum = sum_of(rest, "clients");
    clients.resize(clients_a_listener_max - 1);
    clients.push_back(std::move(sum));
  }
  return {std::move(inner), std::move(clients)};
}

std::vector<branch> of_listeners(const run_figures& figures) {
  std::vector<branch> result;
  std::vector<bool> is_shown(figures.clients.size(), false);
  auto clients_where = [&](auto belongs) {
    std::vector<node> found;
    for (std::size_t i = 0; i < is_shown.size(); ++i)
      if (!is_shown[i] && belongs(figures.clients[i])) {
        is_shown[i] = true;
        found.push_back(of_client(figures.clients[i]));
      }
    return found;
  };
  for (const auto& each : figures.listeners) {
    auto clients = clients_where([&](const auto& of) { return of.listener == each.name; });
    result.push_back(of_clients(
        {look::listener, each.url, fmt::format("{} connected", each.connected), false, {}, {}},
        std::move(clients)));
  }
  auto away = clients_where([](const auto& of) { return !of.connected; });
  if (!away.empty())
    result.push_back(of_clients({look::rest, "away", "sessions that wait", true, {}, {}}, away));
  auto others = clients_where([](const auto&) { return true; });
  if (!others.empty())
    result.push_back(of_clients({look::rest, "others", "in this process", false, {}, {}}, others));
  return result;
}

/// What a bridge carries, as the topics of one side.
std::string topics_of(const run_figures::bridge& of, bridge_direction way, bool remote_side) {
  std::vector<std::string> result;
  for (const auto& line : of.topics) {
    if (line.direction != way && line.direction != bridge_direction::both)
      continue;
    auto is_source = remote_side == (way == bridge_direction::in);
    const auto& topic = is_source || line.rewrite.empty() ? line.filter : line.rewrite;
    result.push_back((remote_side ? line.remote_prefix : line.local_prefix) + topic);
  }
  return joined(result);
}

branch of_bridge(const run_figures::bridge& each) {
  auto waits = each.queued + each.session.queued_messages;
  node here{
      look::bridge,
      each.name,
      waits == 0 ? "bridge" : fmt::format("bridge, {} wait", waits),
      !each.connected,
      flow_of(topics_of(each, bridge_direction::in, false), each.received),
      flow_of(topics_of(each, bridge_direction::out, false), each.session.traffic.messages_out)};
  node there{look::broker,
             each.address,
             each.connected ? "remote broker" : "not connected",
             !each.connected,
             flow_of(topics_of(each, bridge_direction::in, true), each.received),
             flow_of(topics_of(each, bridge_direction::out, true), each.sent)};
  return {std::move(here), {std::move(there)}};
}

// By what it has done, and before that by what it could do.
bool is_left(const branch& each) {
  const auto& to = each.inner.to_bus;
  const auto& from = each.inner.from_bus;
  return to.count != from.count ? to.count > from.count : to.exists && !from.exists;
}

void limit(std::vector<branch>& side, std::size_t most) {
  if (side.size() <= most)
    return;
  std::vector<node> rest;
  for (auto i = most - 1; i < side.size(); ++i)
    rest.push_back(side[i].inner);
  side.resize(most - 1);
  side.push_back({sum_of(rest, "of them"), {}});
}

} // namespace

picture_plan plan_picture(const run_figures& figures) {
  picture_plan result;
  result.title = "bus";
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(figures.duration);
  const auto& totals = figures.bus.totals;
  result.facts.push_back(fmt::format("{} · seed {}", time_text(seconds), figures.seed));
  result.facts.push_back(fmt::format(
      "in {} · out {} · dropped {}", totals.messages_in,
      totals.messages_out - std::min(totals.messages_out, figures.observed), totals.dropped));
  auto shown = std::min(topics_max, figures.topics.size());
  result.topics.assign(figures.topics.begin(),
                       figures.topics.begin() + static_cast<std::ptrdiff_t>(shown));
  result.topics_left_off = figures.topics.size() - shown + figures.topics_left_off;
  auto place = [&](branch each) {
    auto& side = is_left(each) ? result.left : result.right;
    side.push_back(std::move(each));
  };
  for (const auto& each : figures.bridges)
    place(of_bridge(each));
  for (auto& each : of_listeners(figures))
    place(std::move(each));
  std::vector<branch> participants_left;
  std::vector<branch> participants_right;
  for (const auto& each : figures.participants) {
    auto made = of_participant(each);
    (is_left(made) ? participants_left : participants_right).push_back(std::move(made));
  }
  for (auto [side, more] : {std::pair{&result.left, &participants_left},
                            std::pair{&result.right, &participants_right}}) {
    limit(*side, branches_max / 2);
    limit(*more, branches_max - side->size());
    side->insert(side->begin(), more->begin(), more->end());
  }
  return result;
}

} // namespace actorbus::demos
