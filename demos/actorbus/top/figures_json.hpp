#pragma once

#include <optional>
#include <string_view>

#include <actorbus/actors/bus_figures.hpp>

namespace actorbus::demos {

/// Reads what `to_json(bus_figures)` wrote. A member that is missing or of another type keeps its
/// default: another version may have written it.
/// @returns nothing if `text` is no JSON object
std::optional<bus_figures> read_figures(std::string_view text);

} // namespace actorbus::demos
