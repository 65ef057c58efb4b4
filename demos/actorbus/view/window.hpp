#pragma once

#include <cstddef>

namespace actorbus::demos {

/// The terminal's window, characters.
struct window_size {
  std::size_t rows = 24;
  std::size_t columns = 80;
};

/// Of standard output's terminal; the usual size where there is none.
window_size size_of_window() noexcept;

/// Whether standard output is a terminal that can be painted on.
bool is_screen();

} // namespace actorbus::demos
