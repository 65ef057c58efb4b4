#pragma once

namespace CLI {
class App;
} // namespace CLI

namespace actorbus::demos {

/// Adds `top [URL]`, which shows a running broker. It runs as a callback of the parse.
/// @throws user_error and exit_with, from the parse; the codes are those of `sub`
void add_top_command(CLI::App& app);

} // namespace actorbus::demos
