#pragma once

namespace CLI {
class App;
} // namespace CLI

namespace actorbus::demos {

/// Adds `bench pair|fanout|fanin|conn|latency URL` to `app`; they run as callbacks of the parse.
/// @param exit_code set to 1 when a run failed; borrowed for as long as `app` parses
/// @returns the `bench` command, for further modes
/// @throws std::runtime_error, from the parse, with one line for the user
CLI::App* add_bench_command(CLI::App& app, int& exit_code);

} // namespace actorbus::demos
