#pragma once

#include <chrono>

namespace actorbus::test {

/// Longer than anything takes on a busy machine: only a failing test waits so long.
inline constexpr std::chrono::seconds patience{60};

} // namespace actorbus::test
