#include <actorbus/transports/transport_table.hpp>

#include <algorithm>
#include <utility>

#include <actorbus/actors/bus_registry.hpp>
#include <actorbus/transports/shm_connector.hpp>
#include <actorbus/transports/shm_listener.hpp>
#include <actorbus/transports/tcp_connector.hpp>
#include <actorbus/transports/tcp_listener.hpp>
#include <actorbus/transports/tls_transport.hpp>
#include <actorbus/transports/unix_connector.hpp>
#include <actorbus/transports/unix_listener.hpp>
#include <actorbus/transports/web_transport.hpp>

namespace actorbus::transports {

namespace {

bool has_scheme(const transport& in, std::string_view scheme) {
  return std::find(in.schemes.begin(), in.schemes.end(), scheme) != in.schemes.end();
}

std::string not_available(std::string_view scheme) {
  return "transport '" + std::string{scheme} + "' is not available in this build";
}

or_error<listening> listen_memory(const endpoint& at, const transport_context&) {
  return protocol::unexpected{to_string(at) +
                              ": a bus gets its name when it is made (bus::options::name)"};
}

or_error<caf::actor> connect_memory(const endpoint& at, const transport_context& context) {
  auto found = find_bus(at.name);
  if (!found)
    return protocol::unexpected{to_string(at) + ": no bus of this process has that name"};
  if (found->system != &context.system)
    return protocol::unexpected{to_string(at) + ": that bus belongs to another actor system"};
  return found->broker;
}

} // namespace

gate_ptr make_entrance(std::string transport, const transport_context& context) {
  auto result = std::make_shared<gate>();
  result->limits = context.bounds();
  result->transport = std::move(transport);
  result->policy = context.policy;
  result->counters = context.counters;
  result->connections_total_max = context.limits.connections_max;
  return result;
}

gate_ptr make_exit(std::string transport, const transport_context& context) {
  auto result = std::make_shared<gate>();
  result->limits = context.limits;
  result->transport = std::move(transport);
  return result;
}

transport_table::transport_table() {
  using enum endpoint_form;
  add({.schemes = {"mqtt", "tcp"},
       .form = host_port,
       .default_port = 1883,
       .listen = listen_tcp,
       .connect = connect_tcp});
  add({.schemes = {"mqtts", "ssl"},
       .form = host_port,
       .default_port = 8883,
       .listen = listen_tls,
       .connect = connect_tls});
  add({.schemes = {"ws"},
       .form = web,
       .default_port = 8083,
       .default_path = "/mqtt",
       .listen = listen_web,
       .connect = connect_web});
  add({.schemes = {"wss"},
       .form = web,
       .default_port = 8084,
       .default_path = "/mqtt",
       .listen = listen_secure_web,
       .connect = connect_secure_web});
  add({.schemes = {"unix"}, .form = path, .listen = listen_unix, .connect = connect_unix});
  add({.schemes = {"shm"}, .form = name, .listen = listen_shm, .connect = connect_shm});
  add({.schemes = {"mem"}, .form = name, .listen = listen_memory, .connect = connect_memory});
}

void transport_table::add(transport what) {
  for (const auto& scheme : what.schemes)
    std::erase_if(transports_, [&](const transport& old) { return has_scheme(old, scheme); });
  transports_.push_back(std::move(what));
}

const transport* transport_table::find(std::string_view scheme) const noexcept {
  for (const auto& each : transports_)
    if (has_scheme(each, scheme))
      return &each;
  return nullptr;
}

or_error<endpoint> transport_table::parse(std::string_view url) const {
  auto scheme = scheme_of(url);
  if (scheme.empty())
    return protocol::unexpected{std::string{url} +
                                ": a URL is needed, as in mqtt://localhost:1883"};
  const auto* found = find(scheme);
  if (!found) {
    std::string known;
    for (const auto& each : transports_)
      for (const auto& name : each.schemes)
        known += (known.empty() ? "" : ", ") + name;
    return protocol::unexpected{std::string{url} + ": unknown transport '" + scheme +
                                "'; there are " + known};
  }
  return parse_endpoint(url, {.scheme = found->schemes.front(),
                              .form = found->form,
                              .default_port = found->default_port,
                              .default_path = found->default_path});
}

or_error<listening> transport_table::listen(std::string_view url,
                                            const transport_context& context) const {
  auto at = parse(url);
  if (!at)
    return protocol::unexpected{at.error()};
  const auto* found = find(at->scheme);
  if (!found->listen)
    return protocol::unexpected{not_available(scheme_of(url))};
  return found->listen(*at, context);
}

or_error<caf::actor> transport_table::connect(std::string_view url,
                                              const transport_context& context) const {
  auto at = parse(url);
  if (!at)
    return protocol::unexpected{at.error()};
  const auto* found = find(at->scheme);
  if (!found->connect)
    return protocol::unexpected{not_available(scheme_of(url))};
  return found->connect(*at, context);
}

} // namespace actorbus::transports
