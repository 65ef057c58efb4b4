#include "topology/wall_clock.hpp"

#include <ctime>

#include <fmt/format.h>

namespace actorbus::demos {

std::string iso_time(wall_clock::calendar::time_point when) {
  using namespace std::chrono;
  auto seconds = floor<std::chrono::seconds>(when);
  auto rest = duration_cast<milliseconds>(when - seconds).count();
  auto count = system_clock::to_time_t(seconds);
  std::tm parts{};
  gmtime_r(&count, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     rest);
}

} // namespace actorbus::demos
