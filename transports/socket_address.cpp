#include <actorbus/transports/socket_address.hpp>

#include <cstddef>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <actorbus/transports/system_failure.hpp>

namespace actorbus::transports {

namespace {

const sockaddr_in& as_v4(const socket_address& address) noexcept {
  return *reinterpret_cast<const sockaddr_in*>(&address.storage);
}

const sockaddr_in6& as_v6(const socket_address& address) noexcept {
  return *reinterpret_cast<const sockaddr_in6*>(&address.storage);
}

} // namespace

std::uint16_t socket_address::port() const noexcept {
  switch (family()) {
  case AF_INET: return ntohs(as_v4(*this).sin_port);
  case AF_INET6: return ntohs(as_v6(*this).sin6_port);
  default: return 0;
  }
}

bool socket_address::is_loopback() const noexcept {
  switch (family()) {
  case AF_INET: return (ntohl(as_v4(*this).sin_addr.s_addr) >> 24) == 127;
  case AF_INET6: return IN6_IS_ADDR_LOOPBACK(&as_v6(*this).sin6_addr);
  default: return family() == AF_UNIX;
  }
}

std::string to_string(const socket_address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  switch (address.family()) {
  case AF_INET:
    inet_ntop(AF_INET, &as_v4(address).sin_addr, text, sizeof text);
    return std::string{text} + ':' + std::to_string(address.port());
  case AF_INET6:
    inet_ntop(AF_INET6, &as_v6(address).sin6_addr, text, sizeof text);
    return '[' + std::string{text} + "]:" + std::to_string(address.port());
  case AF_UNIX: {
    const auto& local = *reinterpret_cast<const sockaddr_un*>(&address.storage);
    constexpr auto front = offsetof(sockaddr_un, sun_path);
    if (address.size <= front)
      return {};
    if (local.sun_path[0] == '\0')
      return '@' + std::string{local.sun_path + 1, address.size - front - 1};
    return local.sun_path;
  }
  default: return {};
  }
}

std::optional<socket_address> unix_address(std::string_view path) {
  socket_address address;
  auto& local = reinterpret_cast<sockaddr_un&>(address.storage);
  local.sun_family = AF_UNIX;
  if (path.size() >= sizeof local.sun_path)
    return std::nullopt;
  std::memcpy(local.sun_path, path.data(), path.size());
  constexpr auto front = offsetof(sockaddr_un, sun_path);
  bool is_abstract = path.starts_with('@'); // its name ends where the address does
  if (is_abstract)
    local.sun_path[0] = '\0';
  address.size = static_cast<socklen_t>(front + path.size() + (is_abstract ? 0 : 1));
  return address;
}

protocol::expected<std::vector<socket_address>, std::string>
resolve(const std::string& host, std::uint16_t port, bool to_listen) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (to_listen ? AI_PASSIVE : AI_ADDRCONFIG);
  addrinfo* found = nullptr;
  auto service = std::to_string(port);
  auto failure =
      getaddrinfo(host.empty() ? nullptr : host.c_str(), service.c_str(), &hints, &found);
  if (failure == EAI_SYSTEM)
    return protocol::unexpected{last_error_text()};
  if (failure != 0)
    return protocol::unexpected{std::string{gai_strerror(failure)}};
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned{found, freeaddrinfo};
  std::vector<socket_address> addresses;
  for (auto* at = found; at; at = at->ai_next) {
    socket_address address;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    addresses.push_back(address);
  }
  return addresses;
}

socket_address local_address(int descriptor) noexcept {
  socket_address address;
  address.size = sizeof address.storage;
  if (getsockname(descriptor, address.data(), &address.size) != 0)
    address.size = 0;
  return address;
}

socket_address peer_address(int descriptor) noexcept {
  socket_address address;
  address.size = sizeof address.storage;
  if (getpeername(descriptor, address.data(), &address.size) != 0)
    address.size = 0;
  return address;
}

} // namespace actorbus::transports
