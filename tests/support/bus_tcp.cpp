#include "channels.hpp"

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/transports/io_threads.hpp>
#include <actorbus/transports/transport_table.hpp>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <stdexcept>

namespace actorbus::conformance {

namespace {

/// A bus with a TCP listener in this process, on real threads and real time.
class tcp_bus : public bus {
public:
  tcp_bus() : system_{config_}, threads_{system_, 1}, bus_{system_, {.limits = limits_of_next_bus(), .seed = 0}} {
    transports::transport_context context{system_, threads_, bus_.limits(), bus_.broker()};
    auto bound = transports::transport_table{}.listen("mqtt://127.0.0.1:0", context);
    if (!bound)
      throw std::runtime_error{bound.error()};
    listener_ = bound->listener;
    port_ = static_cast<std::uint16_t>(std::stoi(bound->url.substr(bound->url.rfind(':') + 1)));
  }

  ~tcp_bus() override { caf::anon_send_exit(listener_, caf::exit_reason::user_shutdown); }

  std::unique_ptr<wire> open_wire() override { return open_tcp_wire("127.0.0.1", port_); }

private:
  /// Between the bus, whose end it waits for, and the threads, which must outlive the actors.
  struct last_actor {
    caf::actor_system& system;
    ~last_actor() { system.await_all_actors_done(); }
  };

  system_config config_;
  caf::actor_system system_;
  transports::io_threads threads_;
  last_actor last_actor_{system_};
  actorbus::bus bus_;
  caf::actor listener_;
  std::uint16_t port_ = 0;
};

} // namespace

bus_factory tcp_channels() {
  return {"tcp", [] { return std::make_shared<tcp_bus>(); }};
}

} // namespace actorbus::conformance
