#include "topology/participant_kinds.hpp"

#include <array>

namespace actorbus::demos {

namespace {

constexpr std::array kinds{
    participant_kind{"generator", read_generator},   participant_kind{"sensor", read_sensor},
    participant_kind{"thermostat", read_thermostat}, participant_kind{"echo", read_echo},
    participant_kind{"counter", read_counter},       participant_kind{"logger", read_logger},
    participant_kind{"requester", read_requester},   participant_kind{"responder", read_responder},
    participant_kind{"recorder", read_recorder},     participant_kind{"replayer", read_replayer},
    participant_kind{"filter", read_filter},         participant_kind{"map", read_map},
    participant_kind{"window", read_window},         participant_kind{"merge", read_merge},
};

} // namespace

std::span<const participant_kind> participant_kinds() noexcept {
  return kinds;
}

} // namespace actorbus::demos
