#include "run/live_view.hpp"

#include <fmt/format.h>

#include "printable_text.hpp"
#include "view/client_table.hpp"
#include "view/number_text.hpp"

namespace actorbus::demos {

namespace {

/// Clients that a log's report names, and a window's picture.
constexpr std::size_t clients_in_lines = 10;

std::string what_it_does(const run_outline::participant& what) {
  std::string result;
  if (!what.topic.empty())
    result = "→ " + what.topic;
  for (const auto& filter : what.filters)
    result += (result.empty() ? "← " : "  ← ") + filter;
  return result;
}

std::string listener_line(const run_figures::listener& each) {
  return fmt::format("{}  {} {}", each.url, each.connected,
                     each.connected == 1 ? "client" : "clients");
}

std::string bridge_line(const run_figures::bridge& each) {
  auto line = fmt::format("{}  {} {}  out {}  in {}  queued {}", column(each.name, 12),
                          each.connected ? "up  " : "down", each.address, each.sent, each.received,
                          each.queued + each.session.queued_messages);
  for (const auto& [what, count] :
       {std::pair{"dropped", each.dropped + each.session.traffic.dropped},
        std::pair{"refused", each.refused}, std::pair{"looped", each.looped}})
    if (count != 0)
      line += fmt::format("  {} {}", what, count);
  if (!each.connected && !each.last_error.empty())
    line += "  " + each.last_error;
  return line;
}

section participants(const run_figures& figures, std::size_t columns) {
  std::vector<std::string> does; // what the rows' views point into
  does.reserve(figures.participants.size());
  std::vector<client_row> rows;
  for (const auto& each : figures.participants) {
    does.push_back(what_it_does(each.what));
    rows.push_back({&each.session, each.what.name, each.what.kind, does.back()});
  }
  return client_table("participant", rows, columns);
}

} // namespace

std::vector<std::string> paint_run(const run_figures& figures, const std::string& headline,
                                   const section& topics, const std::deque<std::string>& lines,
                                   std::size_t rows, std::size_t columns) {
  std::vector<section> parts{{"", {headline}}};
  section listeners{"listeners", {}};
  for (const auto& each : figures.listeners)
    listeners.rows.push_back(listener_line(each));
  parts.push_back(std::move(listeners));
  section bridges{"bridges", {}};
  for (const auto& each : figures.bridges)
    bridges.rows.push_back(bridge_line(each));
  parts.push_back(std::move(bridges));
  parts.push_back(participants(figures, columns));
  parts.push_back(client_table("client", figures.clients, columns));
  parts.back().left_off = figures.clients_left_off;
  parts.push_back(topics);
  if (lines.empty())
    return stack(parts, rows, columns);
  // The latest lines take what is left, a quarter of the window at least.
  auto picture = stack(parts, rows - rows / 4, columns);
  auto room = rows - std::min(rows, picture.size() + 1);
  section latest{"", {}};
  auto count = std::min(room, lines.size());
  latest.rows.assign(lines.end() - static_cast<std::ptrdiff_t>(count), lines.end());
  auto below = stack({&latest, 1}, room, columns);
  if (!below.empty())
    picture.emplace_back();
  picture.insert(picture.end(), below.begin(), below.end());
  return picture;
}

std::vector<std::string> report_run(const run_figures& figures) {
  std::vector<std::string> result;
  for (const auto& each : figures.listeners)
    result.push_back("  " + listener_line(each));
  for (const auto& each : figures.bridges)
    result.push_back("  " + printable_text(bridge_line(each), 300));
  for (const auto& each : figures.participants)
    result.push_back(client_line({&each.session, each.what.name, each.what.kind, {}}));
  for (std::size_t i = 0; i < figures.clients.size() && i < clients_in_lines; ++i)
    result.push_back(client_line({&figures.clients[i], figures.clients[i].client_id, {}, {}}));
  return result;
}

} // namespace actorbus::demos
