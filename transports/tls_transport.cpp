#include <actorbus/transports/tls_transport.hpp>

#include <utility>

#include <actorbus/transports/connector.hpp>
#include <actorbus/transports/tcp_listener.hpp>
#include <actorbus/transports/tls_stream.hpp>

namespace actorbus::transports {

or_error<listening> listen_tls(const endpoint& at, const transport_context& context) {
  auto rules = tls_server::make(context.listener.tls, {"mqtt"});
  if (!rules)
    return protocol::unexpected{"cannot listen on " + to_string(at) + ": " + rules.error()};
  auto refusals = std::make_shared<refusal_log>(context.counters, context.report);
  auto layers = [rules = *rules, refusals](std::unique_ptr<stream> socket) {
    return make_tls_server_stream(std::move(socket), rules, refusals);
  };
  auto result = listen_over_tcp(at, context, "tls", std::move(layers), refusals);
  if (result)
    result->reload = [rules = *rules] { return rules->reload(); };
  return result;
}

or_error<caf::actor> connect_tls(const endpoint& at, const transport_context& context) {
  if (at.port == 0)
    return protocol::unexpected{to_string(at) + ": port 0 can't be connected to"};
  const auto& options = context.connector.tls;
  auto rules = tls_client::make(options, at.host.empty() ? "localhost" : at.host, options.alpn);
  if (!rules)
    return protocol::unexpected{to_string(at) + ": " + rules.error()};
  return spawn_connector(at, "tls", context, [rules = *rules](std::unique_ptr<stream> socket) {
    return make_tls_client_stream(std::move(socket), rules);
  });
}

} // namespace actorbus::transports
