#include "clients/client_commands.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

void run_client(bool quiet, const std::function<void()>& body) {
  if (!quiet) {
    body();
    return;
  }
  try {
    body();
  } catch (const exit_with& problem) {
    throw exit_with{problem.code(), ""};
  } catch (const user_error&) {
    throw exit_with{1, ""};
  }
}

} // namespace actorbus::demos
