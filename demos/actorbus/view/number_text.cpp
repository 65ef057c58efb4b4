#include "view/number_text.hpp"

#include <array>

#include <fmt/format.h>

namespace actorbus::demos {

std::string rate_text(double a_second) {
  return fmt::format("{:.{}f}", a_second, a_second < 99.95 ? 1 : 0);
}

std::string count_text(double count) {
  constexpr std::array units{"", "k", "M", "G", "T"};
  std::size_t unit = 0;
  for (; count >= 999.5 && unit + 1 < units.size(); ++unit)
    count /= 1000;
  auto decimals = unit == 0 || count >= 99.95 ? 0 : count >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}{}", count, decimals, units[unit]);
}

std::string time_text(std::chrono::seconds since) {
  auto seconds = since.count();
  auto clock =
      fmt::format("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
  auto days = seconds / 86'400;
  return days == 0 ? clock : fmt::format("{}d {}", days, clock);
}

} // namespace actorbus::demos
