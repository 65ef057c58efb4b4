#include "view/client_table.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "printable_text.hpp"
#include "view/number_text.hpp"

namespace actorbus::demos {

namespace {

constexpr std::array<std::string_view, 6> order_names{"rate",     "queued", "dropped",
                                                      "messages", "bytes",  "name"};

std::string kind_of(const client_row& row) {
  if (!row.kind.empty())
    return std::string{row.kind};
  const auto& client = *row.client;
  if (!client.connected)
    return "away";
  return client.listener.empty() ? client.transport : client.listener;
}

std::string does(const client_row& row) {
  if (!row.does.empty())
    return std::string{row.does};
  std::string result;
  const auto& client = *row.client;
  for (const auto& filter : client.filters)
    result += (result.empty() ? "" : " ") + filter;
  if (client.subscriptions > client.filters.size())
    result += fmt::format(" +{}", client.subscriptions - client.filters.size());
  return result;
}

std::string count_of(std::uint64_t count) {
  return count_text(static_cast<double>(count));
}

/// A column of numbers behind the name, in the order in which they get room.
struct number_column {
  std::string_view title;
  std::size_t width;
  std::string (*text)(const session_figures&);
};

constexpr std::array number_columns{
    number_column{"in/s", 7, [](const session_figures& c) { return rate_text(c.in_per_second); }},
    number_column{"out/s", 7, [](const session_figures& c) { return rate_text(c.out_per_second); }},
    number_column{"in", 6,
                  [](const session_figures& c) { return count_of(c.traffic.messages_in); }},
    number_column{"out", 6,
                  [](const session_figures& c) { return count_of(c.traffic.messages_out); }},
    number_column{"queued", 6,
                  [](const session_figures& c) { return count_of(c.queued_messages); }},
    number_column{"drop", 5, [](const session_figures& c) { return count_of(c.traffic.dropped); }},
    number_column{"flying", 6, [](const session_figures& c) { return count_of(c.inflight); }},
    number_column{"B in", 6, [](const session_figures& c) { return count_of(c.traffic.bytes_in); }},
    number_column{"B out", 6,
                  [](const session_figures& c) { return count_of(c.traffic.bytes_out); }},
};

/// How wide the parts of a table are. What has no room has none.
struct layout {
  std::size_t name = 12;
  std::size_t kind = 0;
  std::size_t numbers = 0; ///< so many of `number_columns`
  std::size_t does = 0;
};

layout lay_out(std::span<const client_row> rows, std::size_t columns) {
  constexpr std::size_t name_max = 28;
  constexpr std::size_t kind_max = 24;
  constexpr std::size_t does_min = 10;
  constexpr std::size_t enough_numbers = 6; ///< the rest only behind the texts
  layout result;
  std::size_t kind = 4;
  std::size_t does_width = 0;
  for (const auto& each : rows) {
    result.name = std::max(result.name, std::min(name_max, width_of(each.name)));
    kind = std::max(kind, std::min(kind_max, width_of(kind_of(each))));
    does_width = std::max(does_width, width_of(does(each)));
  }
  auto left = columns - std::min(columns, result.name + 1);
  auto take_numbers = [&](std::size_t most) {
    while (result.numbers < most && left >= number_columns[result.numbers].width + 1)
      left -= number_columns[result.numbers++].width + 1;
  };
  take_numbers(enough_numbers);
  if (result.numbers < enough_numbers)
    return result;
  if (left > kind) {
    result.kind = kind;
    left -= kind + 1;
  }
  if (left > does_min) {
    result.does = std::min(does_width, left - 2);
    left -= std::min(left, result.does + 2);
  }
  take_numbers(number_columns.size());
  return result;
}

} // namespace

std::string_view to_string(client_order order) noexcept {
  return order_names[static_cast<std::size_t>(order)];
}

std::optional<client_order> client_order_of(std::string_view name) noexcept {
  const auto* found = std::find(order_names.begin(), order_names.end(), name);
  if (found == order_names.end())
    return std::nullopt;
  return static_cast<client_order>(found - order_names.begin());
}

figures_order order_at_bus(client_order order) noexcept {
  switch (order) {
  case client_order::queued: return figures_order::queued;
  case client_order::dropped: return figures_order::dropped;
  default: return figures_order::rate;
  }
}

void sort_clients(std::vector<session_figures>& clients, client_order order) {
  auto key = [order](const session_figures& of) {
    switch (order) {
    case client_order::rate: return of.in_per_second + of.out_per_second;
    case client_order::queued: return static_cast<double>(of.queued_messages + of.inflight);
    case client_order::dropped: return static_cast<double>(of.traffic.dropped);
    case client_order::messages:
      return static_cast<double>(of.traffic.messages_in + of.traffic.messages_out);
    case client_order::bytes:
      return static_cast<double>(of.traffic.bytes_in + of.traffic.bytes_out);
    case client_order::name: break;
    }
    return 0.0;
  };
  std::stable_sort(clients.begin(), clients.end(), [&](const auto& a, const auto& b) {
    auto first = key(a);
    auto second = key(b);
    return first != second ? first > second : a.client_id < b.client_id;
  });
}

section client_table(std::string_view title, std::span<const client_row> rows,
                     std::size_t columns) {
  auto widths = lay_out(rows, columns);
  section result;
  result.head = column(title, widths.name);
  if (widths.kind != 0)
    result.head += ' ' + column("by", widths.kind);
  for (std::size_t i = 0; i < widths.numbers; ++i)
    result.head += fmt::format(" {:>{}}", number_columns[i].title, number_columns[i].width);
  for (const auto& row : rows) {
    auto line = column(row.name, widths.name);
    if (widths.kind != 0)
      line += ' ' + column(kind_of(row), widths.kind);
    for (std::size_t i = 0; i < widths.numbers; ++i)
      line += fmt::format(" {:>{}}", number_columns[i].text(*row.client), number_columns[i].width);
    if (widths.does != 0)
      line += "  " + column(does(row), widths.does);
    result.rows.push_back(std::move(line));
  }
  return result;
}

section client_table(std::string_view title, std::span<const session_figures> clients,
                     std::size_t columns) {
  std::vector<client_row> rows;
  rows.reserve(clients.size());
  for (const auto& each : clients)
    rows.push_back({&each, each.client_id, {}, {}});
  return client_table(title, rows, columns);
}

std::string client_line(const client_row& row) {
  const auto& client = *row.client;
  auto line = fmt::format("  {} ({}): in {} ({}/s), out {} ({}/s)", printable_text(row.name, 60),
                          printable_text(kind_of(row), 60), client.traffic.messages_in,
                          rate_text(client.in_per_second), client.traffic.messages_out,
                          rate_text(client.out_per_second));
  if (auto waiting = client.queued_messages + client.inflight; waiting != 0)
    line += fmt::format(", {} wait", waiting);
  if (client.traffic.dropped != 0)
    line += fmt::format(", {} dropped", client.traffic.dropped);
  return line;
}

} // namespace actorbus::demos
