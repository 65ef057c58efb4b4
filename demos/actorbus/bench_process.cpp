#include "bench_process.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

#include <time.h>
#include <unistd.h>

namespace actorbus::demos {

namespace {

double read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

} // namespace

process_usage usage_of(int pid) {
  auto complaint = "bench: process " + std::to_string(pid) + ": ";
  clockid_t clock{};
  // The same sum as utime + stime in /proc/PID/stat, without its 10 ms steps.
  if (clock_getcpuclockid(pid, &clock) != 0)
    throw std::runtime_error(complaint + "no such process");
  process_usage usage;
  usage.cpu_seconds = read_clock(clock);

  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line(std::istreambuf_iterator<char>(file), {});
  auto behind_name = line.rfind(')'); // the name may hold spaces and brackets itself
  if (behind_name == std::string::npos)
    throw std::runtime_error(complaint + "no such process");
  std::istringstream fields(line.substr(behind_name + 2));
  std::string skipped;
  constexpr int first = 3, stime = 15, rss = 24; // numbered as in proc(5)
  std::uint64_t ticks = 0, pages = 0;
  for (int number = first; number < stime; ++number)
    fields >> skipped;
  fields >> ticks;
  for (int number = stime + 1; number < rss; ++number)
    fields >> skipped;
  fields >> pages;
  usage.system_cpu_seconds = static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
  usage.rss_bytes = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return usage;
}

std::optional<process_usage> usage_of(std::optional<int> pid) {
  if (!pid)
    return std::nullopt;
  return usage_of(*pid);
}

double own_cpu_seconds() noexcept {
  return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

double monotonic_seconds() noexcept {
  return read_clock(CLOCK_MONOTONIC);
}

std::uint64_t monotonic_nanoseconds() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

} // namespace actorbus::demos
