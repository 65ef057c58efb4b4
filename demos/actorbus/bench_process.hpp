#pragma once

#include <cstdint>
#include <optional>

namespace actorbus::demos {

/// What a process has used so far.
struct process_usage {
  double cpu_seconds = 0;        ///< user and system, all threads, ended ones too; nanosecond clock
  double system_cpu_seconds = 0; ///< the system's part, in steps of the kernel's tick (10 ms)
  std::uint64_t rss_bytes = 0;   ///< resident now
};

/// @throws std::runtime_error when there is no process `pid`
process_usage usage_of(int pid);

/// The same for an optional process: nothing in, nothing out.
std::optional<process_usage> usage_of(std::optional<int> pid);

/// CPU seconds of this process.
double own_cpu_seconds() noexcept;

/// Seconds on a clock that only goes forward.
double monotonic_seconds() noexcept;
/// The same clock in nanoseconds.
std::uint64_t monotonic_nanoseconds() noexcept;

} // namespace actorbus::demos
