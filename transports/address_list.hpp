#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/protocol/expected.hpp>

namespace actorbus::transports {

/// An address of the internet without a port; those of IPv4 as IPv6 maps them.
using host_address = std::array<std::uint8_t, 16>;

/// @param text "10.0.0.1", "::1"; a port behind it, "10.0.0.1:80" or "[::1]:80", is ignored
std::optional<host_address> parse_host_address(std::string_view text);

/// Addresses and networks: who is trusted.
class address_list {
public:
  /// @param texts "10.0.0.1", "10.0.0.0/8", "fd00::/8"
  /// @returns what is wrong with one of them, in a line that names it
  static protocol::expected<address_list, std::string> parse(const std::vector<std::string>& texts);

  bool contains(const host_address& address) const noexcept;

  /// The same for a peer's address as logs have it. Nobody's is in no list: a peer that is gone
  /// has none, but what it sent may still be read.
  bool contains(std::string_view peer) const;

  bool empty() const noexcept { return networks_.empty(); }

private:
  struct network {
    host_address address{};
    unsigned bits = 128;
  };
  std::vector<network> networks_;
};

} // namespace actorbus::transports
