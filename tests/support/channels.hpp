#pragma once

#include "link.hpp"

#include <actorbus/actors/options.hpp>

#include <functional>
#include <string>

namespace actorbus::conformance {

/// The limits of the buses that channels open from now on; a test that changes them puts them back.
limits& limits_of_next_bus();

/// A way to reach a broker. `open` may return the same broker to every test case: topics and client identifiers are
/// unique per case.
struct bus_factory {
  std::string name;
  std::function<std::shared_ptr<bus>()> open;
};

/// Every channel the conformance tests run over.
///
/// With `ACTORBUS_CONFORMANCE_URL=HOST:PORT` in the environment it is a running broker of any make, and that alone.
std::vector<bus_factory> all_channels();

/// All of them, or with `ACTORBUS_CONFORMANCE_CHANNEL=NAME` in the environment that one. With
/// `ACTORBUS_CONFORMANCE_TEAR=PIECE_MAX[:SEED]` an adversary stands between: see adversary.hpp.
std::vector<bus_factory> chosen_channels();

/// The memory channel of a bus in this process, on virtual time; a new broker each time.
bus_factory memory_channels();

/// A TCP listener of a bus in this process; a new broker each time.
bus_factory tcp_channels();

/// The same over a Unix socket.
bus_factory unix_channels();

/// TLS, WebSocket, and WebSocket over TLS.
bus_factory tls_channels();
bus_factory web_channels();
bus_factory secure_web_channels();

/// A shared-memory listener of a bus in this process; a new broker each time.
bus_factory shm_channels();

/// A user's own transport, that of demos/own_transport.cpp; a new broker each time.
bus_factory string_channels();

/// A TCP connection to a broker outside the test program.
/// @throws std::runtime_error when it cannot connect
std::unique_ptr<wire> open_tcp_wire(const std::string& host, std::uint16_t port);

/// A link through shared memory to who has taken `name`.
/// @throws std::runtime_error when there is nobody
std::unique_ptr<wire> open_shm_wire(const std::string& name);

/// A blocking TCP socket. @throws std::runtime_error when it cannot connect
int connect_socket(const std::string& host, std::uint16_t port);

/// TLS that trusts anybody. @throws std::runtime_error when it cannot connect
std::unique_ptr<wire> open_tls_wire(const std::string& host, std::uint16_t port);

/// WebSocket over another wire, at the path /mqtt. @throws std::runtime_error when it cannot open
std::unique_ptr<wire> open_web_wire(std::unique_ptr<wire> below);

/// A connection to the Unix socket at `path`.
/// @throws std::runtime_error when it cannot connect
std::unique_ptr<wire> open_unix_wire(const std::string& path);

} // namespace actorbus::conformance
