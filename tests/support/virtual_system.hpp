#pragma once

#include <actorbus/actors/virtual_system.hpp>

#include <caf/actor_system.hpp>

namespace actorbus::test {

using testing::virtual_system;

} // namespace actorbus::test
