#include "view/section.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "printable_text.hpp"

namespace actorbus::demos {

std::vector<std::size_t> share_rows(std::size_t rows, std::span<const std::size_t> wanted) {
  std::vector<std::size_t> result(wanted.size(), 0);
  for (auto gives = true; gives && rows > 0;) {
    gives = false;
    for (std::size_t i = 0; i < wanted.size() && rows > 0; ++i)
      if (result[i] < wanted[i]) {
        ++result[i];
        --rows;
        gives = true;
      }
  }
  return result;
}

std::vector<std::string> stack(std::span<const section> sections, std::size_t rows,
                               std::size_t columns) {
  std::vector<const section*> shown;
  std::vector<std::size_t> wanted;
  std::size_t fixed = 0;
  for (const auto& each : sections)
    if (!each.rows.empty()) {
      fixed += (shown.empty() ? 0 : 1) + (each.head.empty() ? 0 : 1);
      shown.push_back(&each);
      wanted.push_back(each.rows.size() + (each.left_off == 0 ? 0 : 1));
    }
  auto given = share_rows(rows - std::min(rows, fixed), wanted);
  std::vector<std::string> result;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const auto& part = *shown[i];
    if (given[i] == 0)
      continue;
    if (!result.empty())
      result.emplace_back();
    if (!part.head.empty())
      result.push_back(part.head);
    auto fits = given[i] == wanted[i] && part.left_off == 0;
    auto count = fits ? part.rows.size() : given[i] - 1;
    for (std::size_t k = 0; k < count; ++k)
      result.push_back(part.rows[k]);
    if (!fits)
      result.push_back(fmt::format("… and {} more", part.rows.size() - count + part.left_off));
  }
  result.resize(std::min(result.size(), rows));
  for (auto& line : result)
    line = printable_text(line, columns > 1 ? columns - 1 : 1);
  return result;
}

} // namespace actorbus::demos
