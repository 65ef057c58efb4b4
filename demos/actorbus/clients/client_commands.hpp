#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
} // namespace CLI

namespace actorbus::demos {

/// Adds `pub`, which publishes to a broker, and `sub`, which prints what a broker sends. They run
/// as callbacks of the parse.
/// @throws user_error and exit_with, from the parse; the codes are those of mosquitto's clients:
///         the CONNACK's for a refused connection, 27 for a time-out of `sub -W`, otherwise 1
void add_pub_command(CLI::App& app);
void add_sub_command(CLI::App& app);

/// Runs `body`; with `quiet` its errors keep their exit codes and lose their words.
void run_client(bool quiet, const std::function<void()>& body);

} // namespace actorbus::demos
