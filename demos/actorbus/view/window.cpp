#include "view/window.hpp"

#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace actorbus::demos {

window_size size_of_window() noexcept {
  winsize found{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &found) != 0 || found.ws_col == 0 || found.ws_row == 0)
    return {};
  return {found.ws_row, found.ws_col};
}

bool is_screen() {
  const auto* kind = std::getenv("TERM"); // NOLINT(concurrency-mt-unsafe): nobody sets it
  return ::isatty(STDOUT_FILENO) != 0 && kind && std::string_view{kind} != "dumb";
}

} // namespace actorbus::demos
