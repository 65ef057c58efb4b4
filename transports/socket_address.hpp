#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/socket.h>

#include <actorbus/protocol/expected.hpp>

namespace actorbus::transports {

/// An address of a socket of any family.
struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* data() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const noexcept { return storage.ss_family; }

  /// 0 for a family without ports.
  std::uint16_t port() const noexcept;

  bool is_loopback() const noexcept;
};

/// "127.0.0.1:1883", "[::1]:1883", or a Unix socket's path, if it has one; "@name" for an abstract
/// one.
std::string to_string(const socket_address& address);

/// The address of a Unix socket.
/// @param path in the file system, or "@name": abstract, without a file
/// @returns nothing if it is too long: 107 bytes are the most
std::optional<socket_address> unix_address(std::string_view path);

/// The addresses of `host`: a number, a name, or empty for all addresses of this machine. Asks the
/// resolver, which may take long.
/// @returns at least one address, or what the resolver said
protocol::expected<std::vector<socket_address>, std::string>
resolve(const std::string& host, std::uint16_t port, bool to_listen);

socket_address local_address(int descriptor) noexcept;
socket_address peer_address(int descriptor) noexcept;

} // namespace actorbus::transports
