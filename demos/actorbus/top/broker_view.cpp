#include "top/broker_view.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include <actorbus/actors/messages.hpp>

#include "printable_text.hpp"
#include "top/figures_json.hpp"
#include "view/number_text.hpp"

namespace actorbus::demos {

namespace {

constexpr std::string_view prefix = "$SYS/broker/";
constexpr std::string_view connection = "connection/";

constexpr double as_double(std::uint64_t count) {
  return static_cast<double>(count);
}

std::optional<double> figure_in(std::string_view text) {
  double result = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), result);
  constexpr double most = 1e15; // also no "nan"
  if (fault != std::errc{} || end == text.data() || !(result >= 0 && result <= most))
    return std::nullopt;
  return result;
}

/// A count of the second line: of the figures, or else of a topic.
struct count_rule {
  std::string_view name;
  std::string_view topic;           ///< below "$SYS/broker/"
  double (*of)(const bus_figures&); ///< nullptr: figures don't have it, and 0 is no news
};

// clang-format off
constexpr std::array count_rules{
  count_rule{"clients", "clients/connected", [](const bus_figures& f) { return as_double(f.connected); }},
  count_rule{"away", "clients/disconnected", [](const bus_figures& f) { return as_double(f.sessions - std::min(f.sessions, f.connected)); }},
  count_rule{"at most", "clients/maximum", nullptr},
  count_rule{"subscriptions", "subscriptions/count", [](const bus_figures& f) { return as_double(f.subscriptions); }},
  count_rule{"retained", "retained messages/count", [](const bus_figures& f) { return as_double(f.retained_messages); }},
  count_rule{"stored", "store/messages/count", [](const bus_figures& f) { return as_double(f.stored_messages); }},
  count_rule{"dropped", "publish/messages/dropped", [](const bus_figures& f) { return as_double(f.totals.dropped); }},
  count_rule{"heap", "heap/current", nullptr},
};
// clang-format on

} // namespace

void broker_view::take(std::string_view topic, std::string_view payload) {
  if (topic.starts_with(figures_topic)) {
    auto found = read_figures(payload);
    if (found && found->order == order_at_bus(order_))
      figures_ = std::move(found);
    return;
  }
  if (!topic.starts_with(prefix) || topic.starts_with("$SYS/broker/events/"))
    return;
  topic.remove_prefix(prefix.size());
  auto known = values_.find(topic);
  if (known == values_.end()) {
    if (values_.size() >= values_max || topic.size() > value_bytes_max)
      return;
    known = values_.emplace(topic, std::string{}).first;
  }
  known->second = payload.substr(0, value_bytes_max);
}

void broker_view::reset() {
  figures_.reset();
  values_.clear();
  note_.clear();
}

std::string_view broker_view::value(std::string_view name) const {
  auto found = values_.find(name);
  return found == values_.end() ? std::string_view{} : found->second;
}

std::optional<double> broker_view::number(std::string_view name) const {
  return figure_in(value(name));
}

// Figures are of the last second; what else there is, is of the last interval of the broker's, and
// its rates of the last minute.
std::string broker_view::traffic_line(std::string_view what, std::string_view total,
                                      std::string_view load,
                                      const traffic_line_figures& known) const {
  std::string result;
  auto add = [&](std::string_view way, std::string_view direction, double exact,
                 double exact_rate) {
    auto count = figures_ ? std::optional{exact} : number(fmt::format("{}/{}", total, direction));
    if (!count)
      return;
    result += fmt::format("   {} {}", way, count_text(*count));
    auto a_minute = number(fmt::format("load/{}/{}/1min", load, direction));
    if (figures_ || a_minute)
      result += fmt::format(" ({}/s)", count_text(figures_ ? exact_rate : *a_minute / 60));
  };
  add("in", "received", known.in, known.in_rate);
  add("out", "sent", known.out, known.out_rate);
  return result.empty() ? result : std::string{what} + result;
}

std::vector<std::string> broker_view::headlines() const {
  std::vector<std::string> result;
  auto line = title_;
  if (auto version = value("version"); !version.empty())
    line += fmt::format("   {}", version);
  if (figures_)
    line +=
        "   up " + time_text(std::chrono::duration_cast<std::chrono::seconds>(figures_->uptime));
  else if (auto seconds = number("uptime"))
    line += "   up " + time_text(std::chrono::seconds{static_cast<std::int64_t>(*seconds)});
  result.push_back(note_.empty() ? line : title_ + "   " + note_);

  line.clear();
  for (const auto& rule : count_rules) {
    auto count = figures_ && rule.of ? std::optional{rule.of(*figures_)} : number(rule.topic);
    if (count && (rule.of || *count != 0))
      line += fmt::format("{}{} {}", line.empty() ? "" : "   ", rule.name, count_text(*count));
  }
  result.push_back(line);

  traffic_line_figures messages;
  traffic_line_figures bytes;
  if (figures_) {
    const auto& totals = figures_->totals;
    messages = {static_cast<double>(totals.messages_in), static_cast<double>(totals.messages_out),
                figures_->in_per_second, figures_->out_per_second};
    bytes = {static_cast<double>(totals.bytes_in), static_cast<double>(totals.bytes_out),
             figures_->bytes_in_per_second, figures_->bytes_out_per_second};
  }
  result.push_back(traffic_line("messages", "publish/messages", "publish", messages));
  result.push_back(traffic_line("bytes", "bytes", "bytes", bytes));
  std::erase_if(result, [](const std::string& each) { return each.empty(); });
  if (!figures_ && values_.empty())
    result.emplace_back("nothing has come below $SYS/broker/ yet");
  return result;
}

// $SYS/broker/connection/NAME/WHAT: the state has mosquitto as well, the rest is this program's.
section broker_view::bridges() const {
  section result;
  result.head = "bridges";
  for (auto each = values_.lower_bound(connection);
       each != values_.end() && each->first.starts_with(connection); ++each) {
    std::string_view name = each->first;
    name.remove_prefix(connection.size());
    auto slash = name.rfind('/');
    if (slash == name.npos || name.substr(slash + 1) != "state")
      continue;
    name = name.substr(0, slash);
    auto below = [&](std::string_view what) {
      return value(fmt::format("{}{}/{}", connection, name, what));
    };
    auto is_up = each->second == "1";
    auto line = fmt::format("{}  {}", column(name, 16), is_up ? "up  " : "down");
    if (auto address = below("address"); !address.empty())
      line += fmt::format("  {}", address);
    for (auto what : {"sent", "received", "queued", "dropped", "refused", "looped"})
      if (auto count = figure_in(below(what)))
        line += fmt::format("  {} {}", what, count_text(*count));
    if (auto why = below("error"); !why.empty() && !is_up)
      line += fmt::format("  {}", why);
    result.rows.push_back(std::move(line));
  }
  return result;
}

section broker_view::listeners() const {
  section result;
  result.head = "listeners";
  if (figures_)
    for (const auto& each : figures_->listeners)
      result.rows.push_back(fmt::format("{}  {} clients", each.listener->name, each.connected));
  return result;
}

std::vector<std::string> broker_view::paint(std::size_t rows, std::size_t columns,
                                            std::string_view keys) const {
  auto has_keys = !keys.empty() && rows > 4;
  std::vector<section> parts{{"", headlines()}, listeners(), bridges()};
  if (figures_) {
    auto clients = figures_->clients;
    sort_clients(clients, order_);
    parts.push_back(client_table("client", clients, columns));
    parts.back().left_off = figures_->sessions - std::min(figures_->sessions, clients.size());
  }
  auto result = stack(parts, rows - (has_keys ? 1 : 0), columns);
  if (!has_keys)
    return result;
  result.resize(rows - 1);
  result.push_back(printable_text(fmt::format("by {}   {}", to_string(order_), keys), columns - 1));
  return result;
}

std::vector<std::string> broker_view::report(std::size_t most) const {
  auto result = headlines();
  for (const auto& part : {listeners(), bridges()})
    for (const auto& row : part.rows)
      result.push_back("  " + row);
  if (figures_) {
    auto clients = figures_->clients;
    sort_clients(clients, order_);
    clients.resize(std::min(most, clients.size()));
    for (const auto& each : clients)
      result.push_back(client_line({&each, each.client_id, {}, {}}));
  }
  for (auto& line : result)
    line = printable_text(line, 1'000);
  return result;
}

} // namespace actorbus::demos
