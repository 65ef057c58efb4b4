#pragma once

#include <deque>
#include <memory>
#include <optional>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/bus.hpp>

#include "run/run_figures.hpp"
#include "run/run_outline.hpp"
#include "run/terminal.hpp"
#include "run/traffic_table.hpp"
#include "topology/participant_actor.hpp"
#include "view/screen.hpp"

namespace actorbus::demos {

/// To the terminal's actor: this runs now.
struct show_outline {
  std::shared_ptr<const run_outline> outline;
};

/// To the terminal's actor: what has flowed? Answered by `counted_traffic`, as soon as it counts.
struct ask_traffic {
  caf::actor asker;
  std::size_t topics_max = 0;
};

struct counted_traffic {
  std::vector<topic_figures> topics; ///< the busiest first
  std::size_t left_off = 0;          ///< topics beyond
};

/// What the terminal shows of the bus.
enum class showing : std::uint8_t {
  nothing,    ///< but lines
  topics,     ///< a table of what flows, below the lines
  everything, ///< in the whole window
};

/// Owns standard output once the program runs: prints lines, and shows what flows if it is asked
/// to, as a picture on a screen and as lines in a log.
class terminal_actor final : public batch_actor {
public:
  /// @param home outlives the actor
  /// @param view what is counted; nothing: nothing is
  terminal_actor(caf::actor_config& config, bus& home, std::optional<view_settings> view,
                 showing what);

  const char* name() const override { return "actorbus.terminal"; }

private:
  /// A log is no screen: it gets its lines this much apart at least.
  static constexpr std::chrono::milliseconds log_interval_min{5000};
  /// Lines that are kept while the whole window is a picture.
  static constexpr std::size_t latest_max = 200;
  /// Clients of the bus that a picture asks for.
  static constexpr std::size_t clients_max = 300;

  void on_start() override;
  bool on_message(caf::mailbox_element& element) override;
  void on_batch_end() override;
  void on_exit() override;

  void on(client_connected& message);
  void on(client_subscribed& message);
  void on(client_ended& message);
  void on(incoming_message& message);
  void on(print_line& message) { lines_.push_back(std::move(message.text)); }
  void on(show_outline& message) { outline_ = std::move(message.outline); }
  void on(ask_traffic& question);
  void begin_to_count();
  void answer(const ask_traffic& question);
  void on(bus_figures& figures);
  void on(alarm&);

  void show_topics();
  void show_everything(bus_figures figures);
  traffic_totals totals() const;
  caf::actor self() { return caf::actor_cast<caf::actor>(ctrl()); }

  bus& bus_;
  std::optional<view_settings> view_;
  showing what_;
  terminal terminal_;
  std::unique_ptr<screen> screen_; ///< null: standard output is no window, or is left as it is
  traffic_table table_;
  std::shared_ptr<const run_outline> outline_;
  std::vector<std::string> lines_;
  std::deque<std::string> latest_;
  caf::actor client_;
  bool counts_ = false; ///< what is to be counted comes, or never will
  std::vector<ask_traffic> waiting_;
};

} // namespace actorbus::demos

ACTORBUS_LOCAL_MESSAGE(actorbus::demos::show_outline)
ACTORBUS_LOCAL_MESSAGE(actorbus::demos::ask_traffic)
ACTORBUS_LOCAL_MESSAGE(actorbus::demos::counted_traffic)
