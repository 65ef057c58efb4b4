#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/transports/io_threads.hpp>
#include <actorbus/transports/transport_table.hpp>

#include "topology/topology.hpp"

namespace actorbus::demos {

/// The configuration of the actor system that the program's bus runs on.
system_config make_system_config();

/// A topology that runs: actor system, I/O threads, bus, listeners, participants.
class running_bus {
public:
  /// @throws user_error if a listener can't be opened; nothing runs then
  explicit running_bus(topology what);

  /// Ends everything in good order: nobody new comes in, participants leave, clients are told
  /// that the server shuts down, what is queued for them is written, threads end.
  ~running_bus();

  running_bus(const running_bus&) = delete;
  running_bus& operator=(const running_bus&) = delete;

  /// Reads password files again. Who is in stays in.
  /// @returns what is wrong with those that can't be read, one a line; they count as before
  std::vector<std::string> reload();

  /// Of all listeners, with the ports that were bound.
  const std::vector<std::string>& urls() const noexcept { return urls_; }

private:
  const caf::actor& passwords_of(const std::string& file);
  void listen(const std::vector<listener_settings>& where, const auth_settings& auth);
  void stop() noexcept;
  void await_actors() noexcept;

  system_config config_ = make_system_config();
  caf::actor_system system_{config_};
  transports::io_threads threads_;
  std::unique_ptr<bus> bus_;
  std::map<std::string, caf::actor> passwords_; ///< who knows them, by file
  std::vector<caf::actor> listeners_;
  std::vector<std::string> urls_;
  std::vector<caf::actor> participants_;
  caf::actor terminal_;
};

} // namespace actorbus::demos
