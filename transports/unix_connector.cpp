#include <actorbus/transports/unix_connector.hpp>

#include <actorbus/transports/connector.hpp>
#include <actorbus/transports/socket_address.hpp>

namespace actorbus::transports {

or_error<caf::actor> connect_unix(const endpoint& at, const transport_context& context) {
  if (!unix_address(at.path))
    return protocol::unexpected{to_string(at) + ": the path is too long: 107 bytes are the most"};
  return spawn_connector(at, "unix", context);
}

} // namespace actorbus::transports
