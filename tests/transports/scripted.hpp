#pragma once

#include "support/patience.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <caf/all.hpp>
#include <catch2/catch.hpp>

#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/options.hpp>
#include <actorbus/transports/gate.hpp>
#include <actorbus/transports/io_threads.hpp>

namespace actorbus::transports::testing {

using bytes = std::vector<std::uint8_t>;

using test::patience;

/// An actor system with I/O threads that is taken down in the right order.
class system_under_test {
public:
  explicit system_under_test(std::size_t threads = 1);
  ~system_under_test();

private:
  caf::actor_system_config config_;

public:
  caf::actor_system system{config_};

private:
  std::unique_ptr<io_threads> threads_;

public:
  io_threads& threads = *threads_;
};

/// The broker, a session or a client, played by the test itself.
class scripted_actor {
public:
  explicit scripted_actor(caf::actor_system& system) : self_(system) {}

  caf::actor handle() { return caf::actor_cast<caf::actor>(self_); }
  caf::scoped_actor& self() { return self_; }

  /// The next message; fails the test if it is not a `T`.
  template <class T>
  T expect() {
    auto message = next();
    REQUIRE(std::holds_alternative<T>(message));
    return std::get<T>(std::move(message));
  }

  using any_message = std::variant<std::monostate, frame, open_session, session_opened, close_channel, channel_closed,
                                   outbound_drained, caf::down_msg>;
  any_message next(std::chrono::milliseconds within = patience);

  /// Frames until `count` bytes have come.
  bytes expect_bytes(std::size_t count);

  void wait_for_end(const caf::actor& of);

private:
  caf::scoped_actor self_;
};

/// The far end of a connection: a blocking socket.
class peer_socket {
public:
  explicit peer_socket(int descriptor);
  peer_socket(peer_socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ~peer_socket() { close(); }

  /// Connects to 127.0.0.1.
  static peer_socket to(std::uint16_t port);
  /// Connects to a Unix socket.
  static peer_socket to(const std::string& path);

  void write(std::span<const std::uint8_t> what);
  /// Exactly so many bytes.
  bytes read(std::size_t count);
  /// Everything up to the peer's end.
  bytes read_all();
  void end(); ///< half-closes
  void close();
  void reset(); ///< closes with a reset

  int native() const { return descriptor_; }

private:
  int descriptor_;
};

/// Waits for connections at 127.0.0.1: a server played by the test.
class listening_peer {
public:
  listening_peer();
  ~listening_peer() { close(); }
  listening_peer(const listening_peer&) = delete;
  listening_peer& operator=(const listening_peer&) = delete;

  std::uint16_t port() const { return port_; }
  peer_socket accept();
  void close();

private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

/// Two connected sockets: first for the connection (non-blocking), second for the test.
std::pair<int, int> socket_pair();

gate_ptr make_gate(const limits& bounds = {});

/// CONNECT of MQTT 3.1.1 with client identifier "x".
bytes connect_packet();
/// PUBLISH of QoS 0 to "t" with so many bytes of payload, counting up from `seed`.
bytes publish_packet(std::size_t payload_size, std::uint8_t seed = 0);

frame make_frame(std::span<const std::uint8_t> content, credit_account_ptr payer = nullptr);
bytes to_bytes(const frame& from);
std::uint16_t port_of(std::string_view url);

} // namespace actorbus::transports::testing
