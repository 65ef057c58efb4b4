#pragma once

#include "bench_broker.hpp"

namespace actorbus::demos {

/// Mode conn: opens `clients` connections, a hundred handshakes at a time, holds them and looks
/// how much the broker's resident memory grew. Give each run a fresh broker: memory that it kept
/// from an earlier run hides the growth. Kernel memory of the sockets is not counted.
/// @throws std::runtime_error with one line for the user
bench_result run_connections(const bench_options& options);

} // namespace actorbus::demos
