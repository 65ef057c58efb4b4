#include "run/traffic_table.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "printable_text.hpp"
#include "view/number_text.hpp"

namespace actorbus::demos {

void traffic_table::add(std::string_view topic, std::string_view payload) {
  auto found = rows_.find(topic);
  if (found == rows_.end() && rows_.size() >= topics_max) {
    ++others_;
    return;
  }
  if (found == rows_.end())
    found = rows_.emplace(std::string{topic}, row{}).first;
  ++found->second.count;
  found->second.payload = payload.substr(0, payload_bytes_max);
}

void traffic_table::tick(time_point now, const traffic_totals& totals) {
  if (begin_ == time_point{})
    begin_ = window_begin_ = window_middle_ = now;
  auto seconds = std::chrono::duration<double>{now - window_begin_}.count();
  auto moves_on = now - window_middle_ >= rate_window;
  auto update = [&](tally& each) {
    each.rate = seconds > 0 ? static_cast<double>(each.count - each.at_begin) / seconds : 0;
    if (moves_on)
      each.at_begin = std::exchange(each.at_middle, each.count);
  };
  for (auto& [topic, each] : rows_) {
    update(each);
    each.is_busy = each.count != std::exchange(each.shown, each.count);
  }
  received_.count = totals.received;
  sent_.count = totals.sent;
  update(received_);
  update(sent_);
  if (moves_on)
    window_begin_ = std::exchange(window_middle_, now);
  totals_ = totals;
  last_ = now;
}

std::vector<const traffic_table::rows::value_type*> traffic_table::chosen(std::size_t most,
                                                                          bool only_busy) const {
  std::vector<const rows::value_type*> result;
  for (const auto& each : rows_)
    if (!only_busy || each.second.is_busy)
      result.push_back(&each);
  if (result.size() <= most)
    return result;
  // Too many for the screen: the busiest, still in the order of their names.
  std::stable_sort(result.begin(), result.end(),
                   [](const auto* a, const auto* b) { return a->second.rate > b->second.rate; });
  result.resize(most);
  std::sort(result.begin(), result.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  return result;
}

std::string traffic_table::headline() const {
  auto up = std::chrono::duration_cast<std::chrono::seconds>(last_ - begin_);
  auto text =
      fmt::format("up {}   clients {}   in {}/s   out {}/s   topics {}", time_text(up),
                  totals_.clients, rate_text(received_.rate), rate_text(sent_.rate), rows_.size());
  if (totals_.dropped != 0)
    text += fmt::format("   dropped {}", totals_.dropped);
  return text;
}

section traffic_table::topics(std::size_t rows) const {
  auto shown = chosen(rows, false);
  std::size_t topic_width = 20;
  for (const auto* each : shown)
    topic_width = std::max(topic_width, width_of(printable_text(each->first, 40)));
  section result;
  result.head = fmt::format("{}  {:>10}  {:>9}  {}", column("topic", topic_width), "messages",
                            "a second", "last payload");
  for (const auto* each : shown)
    result.rows.push_back(fmt::format("{}  {:>10}  {:>9}  {}", column(each->first, topic_width),
                                      each->second.count, rate_text(each->second.rate),
                                      each->second.payload));
  result.left_off = rows_.size() - shown.size();
  return result;
}

std::vector<topic_figures> traffic_table::busiest(std::size_t most) const {
  std::vector<topic_figures> result;
  for (const auto& [topic, each] : rows_)
    result.push_back({topic, each.count});
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.messages > b.messages; });
  result.resize(std::min(most, result.size()));
  return result;
}

std::vector<std::string> traffic_table::paint(std::size_t rows, std::size_t columns) const {
  auto table = topics(rows);
  std::vector<std::string> result{headline(), "", table.head};
  result.insert(result.end(), table.rows.begin(), table.rows.end());
  if (table.left_off != 0 || others_ != 0)
    result.push_back(fmt::format("… and {} more topics", table.left_off));
  for (auto& line : result)
    line = printable_text(line, columns - 1); // a line that reaches the edge would wrap
  return result;
}

std::vector<std::string> traffic_table::report(std::size_t rows) const {
  std::vector<std::string> result{headline()};
  for (const auto* each : chosen(rows, true))
    result.push_back(fmt::format(
        "  {} {} messages, {}/s, last: {}", printable_text(each->first, 200), each->second.count,
        rate_text(each->second.rate), printable_text(each->second.payload, 80)));
  return result;
}

} // namespace actorbus::demos
