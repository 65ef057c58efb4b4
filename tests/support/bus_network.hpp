#pragma once

#include "channels.hpp"
#include "known_method.hpp"

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/transports/io_threads.hpp>
#include <actorbus/transports/transport_table.hpp>

#include <caf/actor_system.hpp>

namespace actorbus::conformance {

/// A bus with one listener in this process, on real threads and real time.
class network_bus : public bus {
public:
  /// @param adjust may change what the listener is made with
  /// @throws std::runtime_error when it cannot listen
  explicit network_bus(const std::string& url,
                       const std::function<void(transports::transport_context&)>& adjust = nullptr);
  ~network_bus() override;

protected:
  /// with the port that was bound
  const std::string& url() const { return url_; }
  std::uint16_t port() const;

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
  known_method known_method_{system_};
  actorbus::bus bus_;
  caf::actor listener_;
  std::string url_;
};

} // namespace actorbus::conformance
