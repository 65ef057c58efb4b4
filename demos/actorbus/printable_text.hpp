#pragma once

#include <string>
#include <string_view>

namespace actorbus::demos {

/// `text` as a terminal may show it: control characters and ill-formed UTF-8 are replaced by a
/// dot, and what is longer than `width` characters ends in an ellipsis.
std::string printable_text(std::string_view text, std::size_t width);

/// How many columns UTF-8 text takes, one a code point.
std::size_t width_of(std::string_view text) noexcept;

/// `text` cut or filled up with blanks to `width` columns.
std::string column(std::string_view text, std::size_t width);

} // namespace actorbus::demos
