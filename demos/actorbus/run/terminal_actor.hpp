#pragma once

#include <optional>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/bus.hpp>

#include "run/terminal.hpp"
#include "run/traffic_table.hpp"
#include "topology/participant_actor.hpp"

namespace actorbus::demos {

/// Owns standard output once the program runs: prints lines, and shows what flows if it is asked
/// to, as a picture on a screen and as lines in a log.
class terminal_actor final : public batch_actor {
public:
  /// @param home outlives the actor
  terminal_actor(caf::actor_config& config, bus& home, std::optional<view_settings> view);

  const char* name() const override { return "actorbus.terminal"; }

private:
  /// A log is no screen: it gets its lines this much apart at least.
  static constexpr std::chrono::milliseconds log_interval_min{5000};

  void on_start() override;
  bool on_message(caf::mailbox_element& element) override;
  void on_batch_end() override;
  void on_exit() override;

  void on(client_connected& message);
  void on(client_subscribed& message);
  void on(client_ended& message);
  void on(incoming_message& message);
  void on(print_line& message) { lines_.push_back(std::move(message.text)); }
  void on(alarm&);

  void show();
  traffic_totals totals() const;
  caf::actor self() { return caf::actor_cast<caf::actor>(ctrl()); }

  bus& bus_;
  std::optional<view_settings> view_;
  terminal terminal_;
  traffic_table table_;
  std::vector<std::string> lines_;
  caf::actor client_;
};

} // namespace actorbus::demos
