#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/client.hpp>
#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// Clients of brokers in other processes and on other machines, for programs that know no actors:
/// an actor system and an I/O thread of its own, and whatever a URL stands for.
///
///     transports::network net;
///     auto client = net.connect("mqtt://localhost");
class network {
public:
  struct options {
    std::size_t io_threads = 1;
    actorbus::limits limits{};     ///< of the connections
    connector_options connector{}; ///< certificates and the like
    transport_table table{};       ///< with the program's own transports, if it has some
  };

  network() : network(options{}) {}
  explicit network(options settings);

  /// Ends the clients that are left, in good order, and waits until what they sent is written.
  ~network();
  network(const network&) = delete;
  network& operator=(const network&) = delete;

  /// A client of the broker at `url`. Blocks until it is connected, or is refused, or there is no
  /// broker; with `client_options::reconnect` it tries for as long as that says.
  /// `client::connected` tells what came of it. Not to be called inside a handler: see `make_client`.
  /// @throws std::invalid_argument for a URL that can't be used, in words
  client connect(const std::string& url, client_options settings = {}, client_events events = {});

  /// The same, not connected yet, with several URLs that are tried in turn.
  /// @pre at least one
  client make_client(const std::vector<std::string>& urls, client_options settings = {},
                     client_events events = {});

private:
  struct machinery;
  std::unique_ptr<machinery> machinery_;
};

} // namespace actorbus::transports
