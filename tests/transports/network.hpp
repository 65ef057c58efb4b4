#pragma once

#include "scripted.hpp"

#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports::testing {

/// I/O threads, a transport table, and a broker and a client that the test plays itself.
struct network {
  explicit network(std::size_t threads = 2, const limits& bounds = {}) : machine(threads) { context.limits = bounds; }

  network(const network&) = delete;
  network& operator=(const network&) = delete;
  ~network() {
    if (listener)
      stop_listening();
  }

  /// @returns the port, 0 where there is none
  std::uint16_t listen(const std::string& url = "mqtt://127.0.0.1:0") {
    auto result = table.listen(url, context);
    if (!result)
      FAIL(result.error());
    listener = result->listener;
    bound = *result;
    return result->url.starts_with("unix:") ? std::uint16_t{0} : port_of(result->url);
  }

  void stop_listening() { post(listener, close_channel{}, nullptr); }

  system_under_test machine;
  scripted_actor broker{machine.system};
  scripted_actor client{machine.system};
  transport_table table;
  transport_context context{.system = machine.system, .threads = machine.threads, .broker = broker.handle()};
  caf::actor listener;
  listening bound;
};

/// A client's request for a connection.
inline open_session opening(scripted_actor& client, const bytes& connect) {
  open_session request;
  request.channel.channel = client.handle();
  request.channel.transport = "memory";
  request.connect = make_frame(connect);
  return request;
}

} // namespace actorbus::transports::testing
