#pragma once

#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// MQTT over WebSocket over TCP, and plain HTTP beside it, as `context.listener.web` says; see
/// `listen_tcp`.
or_error<listening> listen_web(const endpoint& at, const transport_context& context);

/// The same over TLS.
or_error<listening> listen_secure_web(const endpoint& at, const transport_context& context);

/// MQTT over WebSocket, as `context.connector.web` says; see `spawn_connector`.
or_error<caf::actor> connect_web(const endpoint& at, const transport_context& context);
or_error<caf::actor> connect_secure_web(const endpoint& at, const transport_context& context);

} // namespace actorbus::transports
