#include <actorbus/transports/web_transport.hpp>

#include <utility>

#include <actorbus/transports/connector.hpp>
#include <actorbus/transports/tcp_listener.hpp>
#include <actorbus/transports/tls_stream.hpp>
#include <actorbus/transports/web_stream.hpp>

namespace actorbus::transports {

namespace {

constexpr std::uint64_t frame_overhead_bytes = 64 * 1024;

// A frame may hold a packet of the largest size, and others that were joined with it.
std::uint64_t frame_bytes_max(const transport_context& context) {
  return std::uint64_t{context.bounds().packet_size_bytes_max} + frame_overhead_bytes;
}

std::string cannot_listen(const endpoint& at, const std::string& why) {
  return "cannot listen on " + to_string(at) + ": " + why;
}

or_error<std::shared_ptr<const web_server>>
server_rules(const endpoint& at, const transport_context& context,
             std::shared_ptr<const refusal_log> refusals) {
  const auto& options = context.listener.web;
  auto trusted = address_list::parse(options.trusted);
  if (!trusted)
    return protocol::unexpected{cannot_listen(at, trusted.error())};
  for (const auto& path : options.paths)
    if (!path.starts_with('/'))
      return protocol::unexpected{cannot_listen(at, "the path \"" + path + "\" must begin with /")};
  auto rules = std::make_shared<web_server>();
  rules->options = options;
  rules->paths = options.paths.empty() ? std::vector{at.path} : options.paths;
  rules->trusted = std::move(*trusted);
  rules->frame_bytes_max = frame_bytes_max(context);
  rules->refusals = std::move(refusals);
  return std::shared_ptr<const web_server>{std::move(rules)};
}

or_error<std::shared_ptr<const web_client>>
client_rules(const endpoint& at, const transport_context& context, std::uint16_t usual_port) {
  if (at.port == 0)
    return protocol::unexpected{to_string(at) + ": port 0 can't be connected to"};
  for (const auto& [name, value] : context.connector.web.headers)
    if (name.empty() || (name + value).find_first_of("\r\n") != std::string::npos ||
        name.find_first_of(": ") != std::string::npos)
      return protocol::unexpected{to_string(at) + ": the header \"" + name +
                                  "\" is none that HTTP knows how to send"};
  auto rules = std::make_shared<web_client>();
  rules->options = context.connector.web;
  auto host = at.host.empty() ? "localhost" : at.host;
  rules->host = host.find(':') == host.npos ? host : '[' + host + ']';
  if (at.port != usual_port)
    rules->host += ':' + std::to_string(at.port);
  rules->path = at.path;
  rules->frame_bytes_max = frame_bytes_max(context);
  return std::shared_ptr<const web_client>{std::move(rules)};
}

} // namespace

or_error<listening> listen_web(const endpoint& at, const transport_context& context) {
  auto refusals = std::make_shared<refusal_log>(context.counters, context.report);
  auto web = server_rules(at, context, refusals);
  if (!web)
    return protocol::unexpected{web.error()};
  auto layers = [web = *web](std::unique_ptr<stream> socket) {
    return make_web_server_stream(std::move(socket), web);
  };
  return listen_over_tcp(at, context, "ws", std::move(layers), refusals);
}

or_error<listening> listen_secure_web(const endpoint& at, const transport_context& context) {
  auto refusals = std::make_shared<refusal_log>(context.counters, context.report);
  auto web = server_rules(at, context, refusals);
  if (!web)
    return protocol::unexpected{web.error()};
  auto tls = tls_server::make(context.listener.tls, {"http/1.1", "mqtt"});
  if (!tls)
    return protocol::unexpected{cannot_listen(at, tls.error())};
  auto layers = [web = *web, tls = *tls, refusals](std::unique_ptr<stream> socket) {
    return make_web_server_stream(make_tls_server_stream(std::move(socket), tls, refusals), web);
  };
  auto result = listen_over_tcp(at, context, "wss", std::move(layers), refusals);
  if (result)
    result->reload = [tls = *tls] { return tls->reload(); };
  return result;
}

or_error<caf::actor> connect_web(const endpoint& at, const transport_context& context) {
  auto web = client_rules(at, context, 80);
  if (!web)
    return protocol::unexpected{web.error()};
  return spawn_connector(at, "ws", context, [web = *web](std::unique_ptr<stream> socket) {
    return make_web_client_stream(std::move(socket), web);
  });
}

or_error<caf::actor> connect_secure_web(const endpoint& at, const transport_context& context) {
  auto web = client_rules(at, context, 443);
  if (!web)
    return protocol::unexpected{web.error()};
  auto tls =
      tls_client::make(context.connector.tls, at.host.empty() ? "localhost" : at.host, "http/1.1");
  if (!tls)
    return protocol::unexpected{to_string(at) + ": " + tls.error()};
  return spawn_connector(
      at, "wss", context, [web = *web, tls = *tls](std::unique_ptr<stream> socket) {
        return make_web_client_stream(make_tls_client_stream(std::move(socket), tls), web);
      });
}

} // namespace actorbus::transports
