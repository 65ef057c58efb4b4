#pragma once

#include <memory>

#include <actorbus/transports/refusal_log.hpp>
#include <actorbus/transports/stream.hpp>
#include <actorbus/transports/tls_context.hpp>

namespace actorbus::transports {

/// TLS over `below`, the server's side. The identity is what the client's certificate is made out
/// to, or the name of its pre-shared key.
/// @param refusals told of handshakes that fail
std::unique_ptr<stream> make_tls_server_stream(std::unique_ptr<stream> below,
                                               std::shared_ptr<const tls_server> rules,
                                               std::shared_ptr<const refusal_log> refusals);

/// The client's side: `establish` is its handshake.
std::unique_ptr<stream> make_tls_client_stream(std::unique_ptr<stream> below,
                                               std::shared_ptr<tls_client> rules);

} // namespace actorbus::transports
