#include <actorbus/transports/tcp_connector.hpp>

#include <actorbus/transports/connector.hpp>

namespace actorbus::transports {

or_error<caf::actor> connect_tcp(const endpoint& at, const transport_context& context) {
  if (at.port == 0)
    return protocol::unexpected{to_string(at) + ": port 0 can't be connected to"};
  return spawn_connector(at, "tcp", context);
}

} // namespace actorbus::transports
