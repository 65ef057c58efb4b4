#pragma once

#include <deque>
#include <string>
#include <vector>

#include "run/run_figures.hpp"
#include "view/section.hpp"

namespace actorbus::demos {

/// A running topology as a picture for a window.
/// @param headline what stands in front of all
/// @param topics   the table of what flows
/// @param lines    what participants have printed, the latest last
std::vector<std::string> paint_run(const run_figures& figures, const std::string& headline,
                                   const section& topics, const std::deque<std::string>& lines,
                                   std::size_t rows, std::size_t columns);

/// The same for a log, without topics.
std::vector<std::string> report_run(const run_figures& figures);

} // namespace actorbus::demos
