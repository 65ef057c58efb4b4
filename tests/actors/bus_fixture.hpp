#pragma once

#include "support/memory_client.hpp"
#include "support/virtual_system.hpp"

#include <actorbus/actors/bus.hpp>

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace actorbus::test {

/// A bus on virtual time with limits of the test's choice.
struct bus_fixture {
  bus_fixture() : bus_fixture(limits{}) {}
  explicit bus_fixture(const limits& bounds)
      : subject{std::make_unique<bus>(world.system(), bus::options{.limits = bounds, .seed = 1})} {
    world.run();
  }

  /// Actors that are alive, without the system's own and those of the bus itself.
  std::size_t actors() {
    world.run();
    return world.system().registry().running() - 1;
  }

  std::unique_ptr<memory_client> client() { return std::make_unique<memory_client>(world, subject->broker()); }

  const statistics& counters() const { return subject->counters(); }

  virtual_system world;
  std::unique_ptr<bus> subject;
};

/// A CONNECT of MQTT 5 in the notation. `will`: properties, topic and payload in the notation.
inline std::string connect_text(std::string_view client_id, bool clean = true, std::uint32_t expiry_seconds = 0,
                                std::string_view will = {}) {
  const auto flags = static_cast<std::uint8_t>((clean ? 2 : 0) | (will.empty() ? 0 : 4));
  const auto expiry = expiry_seconds == 0 ? std::string{} : conformance::notation("11 {}", expiry_seconds);
  return conformance::notation("10 [ s'MQTT' 05 {} 0000 [ {} ] s'{}' {} ]", flags, expiry, client_id, will);
}

} // namespace actorbus::test
