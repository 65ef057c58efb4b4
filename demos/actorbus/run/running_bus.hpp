#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/transports/io_threads.hpp>
#include <actorbus/transports/transport_table.hpp>

#include "run/run_figures.hpp"
#include "run/run_outline.hpp"
#include "topology/topology.hpp"

namespace actorbus::demos {

struct counted_traffic;

/// The configuration of the actor system that the program's bus runs on.
system_config make_system_config();

/// A topology that runs: actor system, I/O threads, bus, listeners, participants.
class running_bus {
public:
  /// What the program has for its listeners.
  struct surroundings {
    /// Gets a line for each connection that a listener turns away, from any thread.
    std::function<void(const std::string&)> report;
    transports::inherited_sockets* inherited = nullptr;
    bool shows_everything = false; ///< in the terminal, not only what the file wants to see
    bool keeps_figures = false;    ///< `figures` will be asked for
    /// Called with the listeners' URLs, ports bound, as soon as all accept, before anything that
    /// runs here has a word to say.
    std::function<void(const std::vector<std::string>&)> listening{};
  };

  /// @throws user_error if a listener can't be opened; nothing runs then
  explicit running_bus(topology what, const surroundings& around);

  /// Ends everything in good order: nobody new comes in, participants leave, clients are told
  /// that the server shuts down, what is queued for them is written, threads end.
  ~running_bus();

  running_bus(const running_bus&) = delete;
  running_bus& operator=(const running_bus&) = delete;

  /// Reads password files again, and certificates and the like for connections from now on. Who is
  /// in stays in.
  /// @returns what is wrong, a line each: what it concerns stays as it was
  std::vector<std::string> reload();

  /// Whether all threads run, as far as they have answered since the last call.
  bool is_alive() { return threads_.ask_for_life(); }

  /// What has happened so far. Blocks for a moment.
  /// @pre `surroundings::keeps_figures`
  run_figures figures();

private:
  const caf::actor& passwords_of(const std::string& file);
  void listen(const std::vector<listener_settings>& where, const auth_settings& auth,
              const surroundings& around);
  void bridge(std::vector<bridge_settings> what, std::uint64_t seed);
  void open_terminal(std::optional<view_settings> view, const surroundings& around);
  counted_traffic traffic();
  void begin_participants(std::vector<participant_settings> what);
  void stop() noexcept;
  void await_actors() noexcept;

  system_config config_ = make_system_config();
  caf::actor_system system_{config_};
  transports::io_threads threads_;
  std::unique_ptr<bus> bus_;
  std::map<std::string, caf::actor> passwords_; ///< who knows them, by file
  std::vector<caf::actor> listeners_;
  std::vector<std::function<std::string()>> reloads_;
  std::vector<caf::actor> participants_;
  std::vector<caf::actor> bridges_;
  caf::actor terminal_;
  run_outline outline_;
};

} // namespace actorbus::demos
