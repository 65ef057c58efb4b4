#pragma once

namespace CLI {
class App;
} // namespace CLI

namespace actorbus::demos {

/// Adds `passwd FILE USER`, which writes password files. Runs as a callback of the parse.
/// @throws user_error, from the parse
void add_passwd_command(CLI::App& app);

} // namespace actorbus::demos
