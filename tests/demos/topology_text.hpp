#pragma once

#include "topology/topology.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace actorbus::demos::test {

/// What a participant's clock says, where it does not matter.
inline const wall_clock calendar{time_point{}, std::chrono::system_clock::time_point{}};

/// The mistakes in a topology file, each as "line: text".
std::vector<std::string> mistakes_in(std::string_view text);

} // namespace actorbus::demos::test
