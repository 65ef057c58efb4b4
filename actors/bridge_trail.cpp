#include <actorbus/actors/bridge_trail.hpp>

#include <algorithm>

namespace actorbus {

std::string_view user_property(protocol::properties_view properties,
                               std::string_view name) noexcept {
  for (const auto& each : properties)
    if (each.id == protocol::property_id::user_property && each.text == name)
      return each.value;
  return {};
}

std::size_t trail_length(std::string_view trail) noexcept {
  return trail.empty() ? 0
                       : 1 + static_cast<std::size_t>(std::count(trail.begin(), trail.end(), ','));
}

bool trail_has(std::string_view trail, std::string_view bus) noexcept {
  while (!trail.empty() && !bus.empty()) {
    auto end = std::min(trail.find(','), trail.size());
    if (trail.substr(0, end) == bus)
      return true;
    trail.remove_prefix(std::min(end + 1, trail.size()));
  }
  return false;
}

} // namespace actorbus
