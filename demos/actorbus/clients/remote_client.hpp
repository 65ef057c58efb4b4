#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <actorbus/actors/client_actor.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/transports/io_threads.hpp>

#include "attention.hpp"
#include "clients/client_arguments.hpp"

namespace actorbus::demos {

/// One client's actor and the link to a broker across a network, for programs with a main thread:
/// what completes calls the thread's `attention`.
class remote_client {
public:
  /// @param events what the client tells; called on the client's actor
  /// @param caller outlives this
  /// @throws user_error for a URL that can't be used
  remote_client(client_plan plan, client_events events, attention& caller);

  /// Ends the connection, if it is still there, and waits until all is written.
  ~remote_client();

  remote_client(const remote_client&) = delete;
  remote_client& operator=(const remote_client&) = delete;

  /// From `when` on nothing is waited for.
  void set_deadline(attention::time_point when) noexcept { deadline_ = when; }
  bool is_late() const noexcept;

  /// Connects, once or again after the connection was lost. Blocks until the broker has answered.
  /// @returns nothing when a signal or the deadline came before
  std::optional<outcome> connect();

  /// Sends a request that the client answers with its completion.
  template <class Request>
  void send(Request request) {
    post(client_, std::move(request), nullptr);
  }

  /// Blocks until the broker has answered or the connection was lost.
  /// @returns nothing when a signal or the deadline came before
  template <class Request>
  std::optional<outcome> ask(Request request) {
    auto answer = answer_to(request);
    send(std::move(request));
    return await(answer);
  }

  /// Blocks until a signal, the deadline or `until` comes, the connection is lost, or `done()`;
  /// looks at `done` whenever the main thread is called.
  /// @returns whether to go on: false after a signal or the deadline
  bool wait_for(const std::function<bool()>& done,
                std::optional<attention::time_point> until = std::nullopt);

  /// Why the connection was lost, if it was.
  std::optional<outcome> lost() const;

  void disconnect(protocol::property_list properties);

  caf::actor_system& system() noexcept { return system_; }
  attention& caller() noexcept { return caller_; }
  const client_plan& plan() const noexcept { return plan_; }

private:
  struct shared;
  struct pending;
  using pending_ptr = std::shared_ptr<pending>;

  template <class Request>
  pending_ptr answer_to(Request& request) {
    auto answer = new_answer();
    request.done = completion_of(answer);
    return answer;
  }

  pending_ptr new_answer() const;
  completion completion_of(const pending_ptr& answer) const;
  std::optional<outcome> await(const pending_ptr& answer);

  client_plan plan_;
  client_events events_;
  attention& caller_;
  std::shared_ptr<shared> shared_;
  std::optional<attention::time_point> deadline_;
  system_config config_{2};
  caf::actor_system system_{config_};
  transports::io_threads threads_;
  caf::actor timekeeper_;
  caf::actor gateway_;
  caf::actor client_;
};

/// What a refused CONNECT, or one without an answer, makes of the program.
/// @returns the exit code, as mosquitto's clients have it
int exit_code_of(const outcome& refusal, protocol::protocol_version version);

/// "not authorized (0x87)", or the words alone where they are this side's.
std::string describe(const outcome& failure);

} // namespace actorbus::demos
