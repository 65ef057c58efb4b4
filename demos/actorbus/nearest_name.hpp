#pragma once

#include <span>
#include <string>
#include <string_view>

namespace actorbus::demos {

/// The one of `names` that `typed` was most likely meant to be.
/// @returns nothing (an empty text) when none is near
std::string_view nearest_name(std::string_view typed, std::span<const std::string_view> names);

/// For the end of an error line: `; did you mean "NAME"?`, or `; there are A, B, C` when no name is
/// near and the list is short, or nothing.
std::string suggestion(std::string_view typed, std::span<const std::string_view> names);

} // namespace actorbus::demos
