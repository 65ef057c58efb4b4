#pragma once

#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// MQTT over TLS over TCP, as `context.listener.tls` says; see `listen_tcp`.
or_error<listening> listen_tls(const endpoint& at, const transport_context& context);

/// MQTT over TLS over TCP, as `context.connector.tls` says; see `spawn_connector`.
or_error<caf::actor> connect_tls(const endpoint& at, const transport_context& context);

} // namespace actorbus::transports
