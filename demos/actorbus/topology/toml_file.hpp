#pragma once

#include <string>
#include <string_view>

#include "topology/setting.hpp"

namespace actorbus::demos {

/// Reads TOML.
/// @param found gets the first violation of TOML's grammar, if there is one
/// @returns the file's tables; empty after a mistake
setting::table parse_toml(std::string_view text, faults& found);

/// @returns the file's text
/// @throws user_error if it can't be read
std::string read_text_file(const std::string& path);

} // namespace actorbus::demos
