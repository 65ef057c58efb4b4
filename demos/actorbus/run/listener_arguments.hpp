#pragma once

#include <string>
#include <vector>

#include <actorbus/transports/transport_options.hpp>

namespace CLI {
class App;
} // namespace CLI

namespace actorbus::demos {

/// The flags that say how the listeners of -l are to be, as a file's `[[listener]]` does for each.
struct listener_arguments {
  std::vector<std::string> certificates;
  std::vector<std::string> keys;
  std::string tls_version;
  std::string mode; ///< of Unix sockets
  transports::listener_options options;
};

void add_listener_options(CLI::App& command, listener_arguments& into);

/// What the flags come to. @throws user_error where they contradict each other
transports::listener_options options_of(const listener_arguments& arguments);

} // namespace actorbus::demos
