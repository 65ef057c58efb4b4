#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace actorbus::demos {

/// What `bench inproc` measures: messages of one actor to another of the same program, over the
/// bus (application, session, session, application) and over two hops of plain CAF actors.
struct inproc_options {
  std::uint64_t count = 2'000'000; ///< messages a row
  std::size_t payload_bytes = 16;
  std::size_t threads = 1; ///< of CAF's pool
  int repeat = 3;          ///< runs of each row, in turn; the middle one counts
};

/// Runs all rows.
/// @returns a table for the terminal: CPU and wall time a message, and the ratio to plain CAF
/// @throws std::runtime_error when messages went missing
std::string run_inproc(const inproc_options& options);

} // namespace actorbus::demos
