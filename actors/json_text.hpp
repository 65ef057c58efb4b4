#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace actorbus {

/// `text` as a JSON string, with its quotation marks.
/// @param text      UTF-8
/// @param bytes_max what is longer is cut there, and ends in an ellipsis
std::string json_text(std::string_view text, std::size_t bytes_max = std::string_view::npos);

} // namespace actorbus
