#pragma once

namespace CLI {
class App;
} // namespace CLI

namespace actorbus::demos {

/// Adds `run [FILE.toml]`, which runs a topology or one broker until it is told to stop, and
/// `check FILE.toml`, which only looks for mistakes. They run as callbacks of the parse.
/// @throws user_error, from the parse
void add_run_command(CLI::App& app);
void add_check_command(CLI::App& app);

} // namespace actorbus::demos
