#include "nearest_name.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace actorbus::demos {

namespace {

// How many letters must be put in, left out, replaced or swapped with their neighbour to get `b`,
// or one more than to get a beginning of `b`.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  if (a.size() < 4)
    return last[b.size()];
  return std::min(last[b.size()], *std::min_element(last.begin(), last.end()) + 1);
}

// The start of a name, or all of it behind its first word, is near it whatever its length.
bool is_part(std::string_view typed, std::string_view name) {
  return typed.size() >= 3 && name.find(typed) != std::string_view::npos;
}

} // namespace

std::string_view nearest_name(std::string_view typed, std::span<const std::string_view> names) {
  std::string_view best;
  auto best_distance = std::max<std::size_t>(typed.size() / 3, 1) + 1;
  for (auto name : names)
    if (auto found = distance(typed, name); found < best_distance) {
      best = name;
      best_distance = found;
    }
  if (!best.empty())
    return best;
  for (auto name : names)
    if (is_part(typed, name) && (best.empty() || name.size() < best.size()))
      best = name;
  return best;
}

std::string suggestion(std::string_view typed, std::span<const std::string_view> names) {
  if (auto name = nearest_name(typed, names); !name.empty())
    return "; did you mean \"" + std::string{name} + "\"?";
  if (names.empty() || names.size() > 12)
    return {};
  std::string text = "; there are ";
  for (auto name : names)
    text += (name == names.front() ? "" : ", ") + std::string{name};
  return text;
}

} // namespace actorbus::demos
