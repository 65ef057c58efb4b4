#pragma once

#include <actorbus/actors/client_state.hpp>
#include <actorbus/actors/messages.hpp>

#include <caf/actor_system.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace actorbus::simulation {

/// A client whose session state survives its connections: it drops them, is killed or taken over, and resumes. Its
/// channels are actors of their own, one a connection; none runs but when the simulation says so.
class participant {
public:
  using on_message = std::function<void(const incoming_message&)>;

  participant(caf::actor_system& system, caf::actor broker, client_options options, on_message handler);
  participant(const participant&) = delete;
  participant& operator=(const participant&) = delete;

  /// Opens a connection; one that is open already is left to be taken over by it.
  void connect();

  /// Says goodbye.
  void disconnect();

  /// The network fails: each side notices by itself.
  void drop();

  /// The channel's actor is killed with whatever it holds.
  void kill();

  void publish(outgoing_message message, completion done);
  void subscribe(std::string filter, completion done);
  void unsubscribe(std::string filter, completion done);

  bool connected() const noexcept { return state_.connected(); }
  bool linked() const noexcept { return current_ != nullptr; }

private:
  struct line;
  class channel;

  void flush();
  void end_link();

  caf::actor_system& system_;
  caf::actor broker_;
  credit_account_ptr credit_;
  client_state state_;
  std::shared_ptr<line> current_; ///< null: no connection
};

} // namespace actorbus::simulation
