#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/caf.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/options.hpp>
#include <actorbus/protocol/expected.hpp>
#include <actorbus/transports/endpoint.hpp>
#include <actorbus/transports/gate.hpp>
#include <actorbus/transports/transport_options.hpp>

namespace actorbus::transports {

class inherited_sockets;
class io_threads;

/// What listeners and connectors are made with.
struct transport_context {
  caf::actor_system& system;
  io_threads& threads;       ///< outlives what is made
  actorbus::limits limits{}; ///< the bus's; a policy may have others for its listener
  caf::actor broker{};       ///< to listen: who gets `open_session`
  std::shared_ptr<connection_counters> counters = std::make_shared<connection_counters>();
  std::shared_ptr<const listener_policy> policy{}; ///< to listen: nullptr lets anybody in
  listener_options listener{};                     ///< to listen
  inherited_sockets* inherited = nullptr;          ///< to listen: used before new ones are opened
  connector_options connector{};                   ///< to connect
  /// To listen: gets a line for each connection that TLS and the like turn away, on I/O threads.
  std::function<void(const std::string&)> report{};

  /// What each connection may use: the policy's own limits, or else `limits`.
  const actorbus::limits& bounds() const noexcept { return bounds_of(policy, limits); }
};

/// What all connections of a listener share.
gate_ptr make_entrance(std::string transport, const transport_context& context);
/// What all connections of a connector share. They don't count as the broker's.
gate_ptr make_exit(std::string transport, const transport_context& context);

/// A listener that accepts.
struct listening {
  caf::actor listener; ///< ends on `close_channel` or an exit; its connections don't
  std::string url;     ///< with the port that was bound
  bool local = false;  ///< can be reached from this machine only
  /// Reads certificates and the like again, for connections from now on. Returns empty, or what
  /// is wrong, in one line: everything stays as it was then. Any thread. Empty: nothing to read.
  std::function<std::string()> reload{};
};

template <class T>
using or_error = protocol::expected<T, std::string>; ///< one line that names the URL, and why not

/// One way to carry channels.
struct transport {
  std::vector<std::string> schemes; ///< the main one first
  endpoint_form form{};
  std::uint16_t default_port = 0;
  std::string default_path;
  /// Binds before it returns, so that a taken port is told at once.
  std::function<or_error<listening>(const endpoint&, const transport_context&)> listen;
  /// Makes an actor with the broker's face towards clients: it takes `open_session`, dials, and
  /// answers `session_opened` or `close_channel`. Doesn't wait for the network itself.
  std::function<or_error<caf::actor>(const endpoint&, const transport_context&)> connect;
};

/// Schemes of URLs and what stands behind them. Users may add their own.
class transport_table {
public:
  /// Knows all schemes of the contract; those that aren't built in say so when they are used.
  transport_table();

  /// Adds a transport, or replaces those with one of its schemes.
  void add(transport what);

  const transport* find(std::string_view scheme) const noexcept;

  or_error<endpoint> parse(std::string_view url) const;
  or_error<listening> listen(std::string_view url, const transport_context& context) const;
  or_error<caf::actor> connect(std::string_view url, const transport_context& context) const;

private:
  std::vector<transport> transports_;
};

} // namespace actorbus::transports
