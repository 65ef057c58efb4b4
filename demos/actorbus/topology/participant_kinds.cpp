#include "topology/participant_kinds.hpp"

#include <stdexcept>
#include <utility>

namespace actorbus::demos {

participant_kinds::participant_kinds()
    : kinds_{
          {"counter", read_counter},       {"echo", read_echo},
          {"filter", read_filter},         {"generator", read_generator},
          {"logger", read_logger},         {"map", read_map},
          {"merge", read_merge},           {"recorder", read_recorder},
          {"replayer", read_replayer},     {"requester", read_requester},
          {"responder", read_responder},   {"sensor", read_sensor},
          {"thermostat", read_thermostat}, {"window", read_window},
      } {}

void participant_kinds::add(std::string name, std::function<participant_kind::reader> read) {
  if (name.empty() || find(name))
    throw std::invalid_argument{"a kind of participant \"" + name + "\": " +
                                (name.empty() ? "it needs a name" : "there is one already")};
  kinds_.emplace(std::move(name), std::move(read));
}

const std::function<participant_kind::reader>*
participant_kinds::find(std::string_view name) const {
  auto found = kinds_.find(name);
  return found == kinds_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> participant_kinds::names() const {
  std::vector<std::string_view> result;
  for (const auto& [name, read] : kinds_)
    result.push_back(name);
  return result;
}

} // namespace actorbus::demos
