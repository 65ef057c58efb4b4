#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "topology/topology.hpp"

namespace actorbus::demos {

/// Reads a topology file, with a seed by chance if it has none.
/// @param file        empty: a topology without anything
/// @param assignments `SECTION.KEY=VALUE`, over what the file says
/// @param kinds       of participants that the file may name
/// @throws user_error that names all mistakes, one a line
topology load_topology(const std::string& file, const std::vector<std::string>& assignments = {},
                       const participant_kinds& kinds = {});

/// The same of a text that is there already.
/// @param name how mistakes call it
topology load_topology_text(std::string_view text, const std::string& name,
                            const std::vector<std::string>& assignments = {},
                            const participant_kinds& kinds = {});

} // namespace actorbus::demos
