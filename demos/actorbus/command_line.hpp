#pragma once

namespace CLI {
class App;
class ParseError;
} // namespace CLI

namespace actorbus::demos {

/// Prints what `--help` and `--version` ask for, or in one line what is wrong with the arguments.
/// @returns the exit code
int report(const CLI::App& app, const CLI::ParseError& problem);

} // namespace actorbus::demos
