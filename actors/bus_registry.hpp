#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <actorbus/actors/caf.hpp>

namespace actorbus {

/// A bus of this process, as others find it. The handles keep its actors' mailboxes, not the bus:
/// whoever connects after it has ended is told so.
struct found_bus {
  caf::actor_system* system = nullptr; ///< outlives the bus
  caf::actor broker;                   ///< the gateway for clients
  caf::actor timekeeper;
};

/// Looks a bus up by its name (`bus::options::name`), which is the `name` of `mem://name`. Any
/// thread.
/// @returns nothing if no bus of this process has that name now
std::optional<found_bus> find_bus(std::string_view name);

/// A name in the process's registry, for as long as the value lives. Any thread.
class bus_name {
public:
  bus_name() = default; ///< none

  /// @throws std::invalid_argument if another bus has the name, or if a URL could not carry it
  bus_name(std::string name, found_bus target);

  ~bus_name();
  bus_name(const bus_name&) = delete;
  bus_name& operator=(const bus_name&) = delete;
  bus_name(bus_name&& other) noexcept;
  bus_name& operator=(bus_name&& other) noexcept;

  const std::string& text() const noexcept { return text_; }

private:
  std::string text_;
};

} // namespace actorbus
