#pragma once

#include <optional>
#include <string>
#include <vector>

#include <actorbus/transports/socket_address.hpp>

namespace actorbus::transports {

/// Listening sockets that the service manager opened before the program began and handed over
/// (systemd's socket activation). A listener whose address is that of one of them takes it instead
/// of opening its own: so a configuration is the same with and without.
class inherited_sockets {
public:
  inherited_sockets() = default;

  /// Takes over what the environment names: LISTEN_PID, LISTEN_FDS. Once, before the first thread:
  /// children don't inherit it further.
  static inherited_sockets from_environment();

  /// @param descriptors listening stream sockets, owned from now on
  explicit inherited_sockets(const std::vector<int>& descriptors);
  ~inherited_sockets();
  inherited_sockets(inherited_sockets&& other) noexcept;
  inherited_sockets& operator=(inherited_sockets&& other) noexcept;

  /// The socket at `address`, owned by the caller from now on. One that serves all addresses of
  /// both families serves those of IPv4 too. @returns nothing if there is none
  std::optional<int> take(const socket_address& address);

  /// Where those listen that nobody took.
  std::vector<std::string> left() const;

private:
  struct inherited {
    int descriptor = -1;
    socket_address address;
  };

  std::vector<inherited> sockets_;
};

} // namespace actorbus::transports
