#pragma once

#include <string_view>

#include <actorbus/actors/bus_context.hpp>
#include <actorbus/actors/fan_out.hpp>

namespace actorbus {

/// Publishes what the bus itself has to say, on behalf of one of its actors: at QoS 0, without a
/// session.
class house_publisher {
public:
  house_publisher(bus_context_ptr bus, caf::actor broker);

  /// @param retain  later subscribers shall have it too
  /// @param context where the caller runs
  void publish(std::string_view topic, std::string_view payload, bool retain, time_point now,
               caf::execution_unit* context);

  /// Lets go of the bus.
  void close();

private:
  bus_context_ptr bus_;
  caf::actor broker_;
  fan_out receivers_;
};

} // namespace actorbus
