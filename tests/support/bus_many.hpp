#pragma once

#include "adversary.hpp"
#include "known_method.hpp"

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/transports/io_threads.hpp>
#include <actorbus/transports/transport_table.hpp>

#include <caf/actor_system.hpp>

namespace actorbus::conformance {

/// A bus in this process that is reached over as many channels as it is told, on real threads and real time.
class many_channel_bus : public bus {
public:
  /// A way in: its name, and how to open a wire to this bus.
  struct way {
    std::string name;
    std::function<std::unique_ptr<wire>()> open;
  };

  /// @param io_threads one after the other get the connections
  explicit many_channel_bus(std::size_t io_threads = 1, const actorbus::limits& bounds = {});
  ~many_channel_bus() override;

  void add_memory();
  void add_tcp();
  void add_shm();
  /// TCP whose bytes are torn at the broker's end.
  void add_torn_tcp(tearing how);
  /// The transport of demos/own_transport.cpp.
  void add_string();

  const std::vector<way>& ways() const { return ways_; }
  const way& operator[](const std::string& name) const;

  /// By the way that was added first.
  std::unique_ptr<wire> open_wire() override { return ways_.front().open(); }

  transports::connection_counters& counters() { return *counters_; }
  caf::actor_system& system() { return system_; }

private:
  transports::transport_context context();
  /// @returns the URL that was bound
  std::string listen(const std::string& url);

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
  std::shared_ptr<transports::connection_counters> counters_ = std::make_shared<transports::connection_counters>();
  actorbus::bus bus_;
  transports::transport_table table_;
  std::vector<caf::actor> listeners_;
  std::vector<way> ways_;
};

/// A connection to `broker` over mailboxes, for buses on real threads.
std::unique_ptr<wire> open_memory_wire(caf::actor_system& system, const caf::actor& broker);

/// A name under which nobody else listens.
std::string unused_shm_name();

} // namespace actorbus::conformance
