#pragma once

#include <actorbus/protocol/types.hpp>

namespace actorbus::test {

inline constexpr auto qos0 = protocol::qos::at_most_once;
inline constexpr auto qos1 = protocol::qos::at_least_once;
inline constexpr auto qos2 = protocol::qos::exactly_once;

} // namespace actorbus::test
