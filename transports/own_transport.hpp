#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <actorbus/transports/channel.hpp>
#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// A user's connector and listener, and the URLs that lead to them.
struct own_transport {
  std::vector<std::string> schemes; ///< the main one first
  endpoint_form form = endpoint_form::name;
  std::uint16_t default_port = 0;
  std::shared_ptr<connector> connects{};                ///< nullptr: it can only be listened on
  std::function<std::unique_ptr<listener>()> listens{}; ///< nullptr: it can only be connected to
  bool local = false;                                   ///< whoever comes is on this machine
};

/// Makes a row of the table of it: `table.add(to_transport({…}))`.
transport to_transport(own_transport what);

} // namespace actorbus::transports
