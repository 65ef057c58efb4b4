#include <actorbus/transports/tcp_listener.hpp>

#include <cerrno>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <actorbus/transports/acceptor.hpp>
#include <actorbus/transports/inherited_sockets.hpp>
#include <actorbus/transports/proxy_stream.hpp>
#include <actorbus/transports/socket_address.hpp>
#include <actorbus/transports/system_failure.hpp>

namespace actorbus::transports {

namespace {

void set_option(int socket, int level, int option, int value) noexcept {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

void set_port(socket_address& address, std::uint16_t port) noexcept {
  if (address.family() == AF_INET)
    reinterpret_cast<sockaddr_in&>(address.storage).sin_port = htons(port);
  else
    reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port = htons(port);
}

/// @returns the listening socket, or -1 and errno
int listen_on(const socket_address& address, bool both_families, inherited_sockets* inherited) {
  if (auto there = inherited ? inherited->take(address) : std::nullopt) {
    set_option(*there, IPPROTO_TCP, TCP_NODELAY, 1);
    return *there;
  }
  auto socket = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0)
    return -1;
  set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1); // accepted sockets inherit it
  if (address.family() == AF_INET6)
    set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, both_families ? 0 : 1);
  if (::bind(socket, address.data(), address.size) == 0 && ::listen(socket, accept_backlog) == 0)
    return socket;
  auto error = errno;
  ::close(socket);
  errno = error;
  return -1;
}

std::string explain(const endpoint& at, int error) {
  auto what = "cannot listen on " + to_string(at) + ": ";
  switch (error) {
  case EADDRINUSE:
    return what + "the port is in use by another program; choose another one, or 0 for any";
  case EADDRNOTAVAIL: return what + "this machine has no such address";
  case EACCES: return what + "not permitted; ports below 1024 need privileges";
  default: return what + error_text(error);
  }
}

// All addresses of the machine are one socket for both families, where there are both.
std::vector<socket_address> wildcard_only(const std::vector<socket_address>& found) {
  for (const auto& each : found)
    if (each.family() == AF_INET6)
      return {each};
  return {found.front()};
}

or_error<std::shared_ptr<const proxy_rules>>
rules_for_proxies(const proxy_options& options, const std::shared_ptr<refusal_log>& refusals) {
  auto trusted = address_list::parse(options.trusted);
  if (!trusted)
    return protocol::unexpected{trusted.error()};
  if (trusted->empty())
    return protocol::unexpected{
        std::string{"the PROXY protocol needs the addresses of the proxies that are trusted"}};
  return std::make_shared<const proxy_rules>(
      proxy_rules{std::move(*trusted), options.subject_is_identity, refusals});
}

} // namespace

or_error<listening> listen_tcp(const endpoint& at, const transport_context& context) {
  return listen_over_tcp(at, context, "tcp", {},
                         std::make_shared<refusal_log>(context.counters, context.report));
}

or_error<listening> listen_over_tcp(const endpoint& at, const transport_context& context,
                                    std::string transport, stream_layers layers,
                                    const std::shared_ptr<refusal_log>& refusals) {
  std::shared_ptr<const proxy_rules> proxied;
  if (context.listener.proxy.enabled) {
    auto rules = rules_for_proxies(context.listener.proxy, refusals);
    if (!rules)
      return protocol::unexpected{"cannot listen on " + to_string(at) + ": " + rules.error()};
    proxied = std::move(*rules);
  }
  auto found = resolve(at.host, at.port, true);
  if (!found)
    return protocol::unexpected{"cannot listen on " + to_string(at) + ": " + found.error()};
  auto addresses = *found;
  if (at.host.empty()) {
    addresses = wildcard_only(addresses);
    for (const auto& each : *found) // where IPv6 is switched off
      if (each.family() == AF_INET)
        addresses.push_back(each);
  }
  std::vector<int> sockets;
  endpoint bound = at;
  listening result;
  result.local = true;
  int error = 0;
  for (auto& address : addresses) {
    if (at.host.empty() && !sockets.empty())
      break;
    if (bound.port != 0)
      set_port(address, bound.port); // the same for all, when the first one chose it
    auto socket = listen_on(address, at.host.empty(), context.inherited);
    if (socket < 0) {
      // The second address of a name may be missing on this machine, but not taken.
      if (error == 0 || errno == EADDRINUSE)
        error = errno;
      continue;
    }
    sockets.push_back(socket);
    bound.port = local_address(socket).port();
    result.local = result.local && address.is_loopback();
  }
  if (sockets.empty() || (error == EADDRINUSE && at.port != 0)) {
    for (auto socket : sockets)
      ::close(socket);
    return protocol::unexpected{explain(at, error)};
  }
  result.url = to_string(bound);
  refusals->listener(result.url);
  if (proxied)
    layers = [proxied, inner = std::move(layers)](std::unique_ptr<stream> socket) {
      auto outer = make_proxy_stream(std::move(socket), proxied);
      return inner ? inner(std::move(outer)) : std::move(outer);
    };
  result.listener =
      spawn_acceptor(std::move(sockets),
                     {.transport = std::move(transport), .layers = std::move(layers)}, context);
  return result;
}

} // namespace actorbus::transports
