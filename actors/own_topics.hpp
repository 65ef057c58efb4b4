#pragma once

#include <string_view>

namespace actorbus {

/// Where the bus itself speaks: what topics begin with that clients may read and not write.
inline constexpr std::string_view own_topics = "$SYS/";

} // namespace actorbus
