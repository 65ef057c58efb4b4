#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <actorbus/actors/actor_handle.hpp>
#include <actorbus/actors/client.hpp>
#include <actorbus/actors/options.hpp>
#include <actorbus/actors/statistics.hpp>

namespace actorbus {

struct ask_figures;

/// A bus inside the program: its broker and timekeeper as actors of the program's actor system.
/// Opens no socket; listeners of the transports room do that.
class bus {
public:
  struct options {
    actorbus::limits limits{};
    std::uint64_t seed = 0; ///< of everything random; 0: a different one each time
    /// By which others in the process find it (`find_bus`, `mem://name`); empty: not at all.
    std::string name{};
    /// For tests: makes an actor that stands between the bus's own clients and its broker. It ends
    /// with the bus.
    std::function<caf::actor(caf::actor_system&, const caf::actor& broker)> gateway{};
    /// How often `$SYS/broker/…` is published; 0: never.
    std::chrono::milliseconds status_interval{0};
    /// Decides who may come in through listeners that have no authenticator of their own (see
    /// authenticator.hpp); null: nobody is asked. The caller ends it, after the bus.
    actor_handle authenticator{};
    /// Not empty: clients that come through listeners are sent to these other servers, with 0x9C,
    /// or 0x9D if `server_moved`. Sessions that are connected stay.
    std::string server_reference{};
    bool server_moved = false;
    /// Told to clients that ask for response information: a topic below which their responses may
    /// come. `%c` stands for the client identifier, `%u` for the user name; empty: told to nobody.
    std::string response_information = "response/%c";
    /// Figures tell of connections that are over, too, the latest 1000 of them.
    bool keep_left = false;
  };

  /// On an actor system of its own, for programs that have none.
  bus() : bus(options{}) {}
  explicit bus(const options& settings);

  /// @param system outlives the bus
  explicit bus(caf::actor_system& system) : bus(system, options{}) {}

  /// @throws std::invalid_argument if another bus of the process has the name, or if it isn't a
  ///         word that a URL can carry
  bus(caf::actor_system& system, const options& settings);

  ~bus(); ///< ends all sessions with "server shutting down" and waits for none of them
  bus(const bus&) = delete;
  bus& operator=(const bus&) = delete;

  /// A client of this bus, over its memory channel. Blocks until it is connected;
  /// `client::connected` tells whether. Not to be called inside a handler: see `make_client`.
  /// @param events called on the client's actor, besides what `client` does itself
  client connect(client_options options = {}, client_events events = {});

  /// The same, not connected yet: `client::connect` is its first call.
  client make_client(client_options options = {}, client_events events = {});

  /// Spawns a client actor of this bus; `connect_request` is its first message.
  caf::actor spawn_client(client_options options, client_events events);

  /// The same for an actor that owns it: that gets what comes as messages (`incoming_message` and
  /// the others of client_requests.hpp), and the client ends when it does, as a lost connection.
  caf::actor spawn_client(const caf::actor& owner, client_options options = {});

  /// The same, where the owner wants to be told in its own way: `events_to` is where to begin.
  caf::actor spawn_client(const caf::actor& owner, client_options options, client_events events);

  /// Sends `watcher` every `bus_event`, a kind once a second at most, until it ends.
  void watch_events(caf::actor watcher);

  /// Asks how the bus and its sessions do: `ask_figures::asker` gets `bus_figures`, soon.
  void ask_figures(actorbus::ask_figures question);

  const caf::actor& broker() const noexcept;
  const caf::actor& timekeeper() const noexcept;
  const statistics& counters() const noexcept;
  const actorbus::limits& limits() const noexcept;
  const std::string& name() const noexcept;
  /// How bridges call this bus: `name()` and a number that no other bus has.
  const std::string& trail_name() const noexcept;
  caf::actor_system& system() noexcept;

private:
  struct core;
  struct own_system;

  std::unique_ptr<own_system> own_; ///< null: the program's is used
  std::unique_ptr<core> core_;
};

} // namespace actorbus
