#pragma once

#include <string>

#include "run/run_figures.hpp"

namespace actorbus::demos {

/// A picture of a running topology as SVG: who publishes on the left, who listens on the right, the
/// bus with its busiest topics between, what has flowed on the edges. The same figures give the same
/// picture. For light and dark backgrounds.
std::string picture_svg(const run_figures& figures);

} // namespace actorbus::demos
