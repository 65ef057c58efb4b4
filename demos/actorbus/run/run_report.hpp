#pragma once

#include <string>

#include "run/run_figures.hpp"

namespace actorbus::demos {

/// The figures of a run as a JSON object; docs/running.md has the keys.
std::string report_json(const run_figures& figures);

} // namespace actorbus::demos
