#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <actorbus/actors/back_off.hpp>
#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/messages.hpp>

namespace actorbus {

class bus;

enum class restart : std::uint8_t {
  always,     ///< however it ended
  on_failure, ///< unless it ended with `normal` or `user_shutdown`
  never,
};

/// One actor that is kept alive.
struct supervised {
  std::string name;
  /// Spawns it, each time. What it throws counts as an end.
  std::function<caf::actor()> start;
  restart when = restart::on_failure;
};

enum class restart_strategy : std::uint8_t {
  one_for_one, ///< the one that ended
  one_for_all, ///< all of them, after the others were ended: for those who can't do without each other
};

/// What a supervisor tells; for logs.
struct supervision_event {
  enum class kind : std::uint8_t { started, ended, restarts_later, gave_up };
  kind what{};
  std::string name;
  std::string reason{};              ///< why it ended
  std::chrono::milliseconds delay{}; ///< until it is started again
};

struct supervisor_options {
  restart_strategy strategy{};
  std::uint32_t restarts_max = 5; ///< within `period`, of all together; one more: give up
  std::chrono::milliseconds period{60'000};
  /// The delay before each restart of an actor; begins anew when it has lived for `period`.
  /// `attempts_max` has no effect.
  reconnect_policy delay{.delay_min = std::chrono::milliseconds{100},
                         .delay_max = std::chrono::milliseconds{10'000}};
  std::uint64_t seed = 1; ///< of the delays' chance
  /// How long an actor that is told to end may take before it is killed.
  std::chrono::milliseconds stop_timeout{5'000};
  std::function<void(const supervision_event&)> on_event{}; ///< called on the supervisor's actor
};

/// Counts restarts within a period that ends now.
class restart_budget {
public:
  restart_budget(std::uint32_t restarts_max, duration period) noexcept
      : restarts_max_(restarts_max), period_(period) {}

  /// @returns false if there were as many as there may be
  bool spend(time_point now);

private:
  std::uint32_t restarts_max_;
  duration period_;
  std::deque<time_point> spent_;
};

/// Starts actors and starts them again when they end, after a delay, and not too often. A participant
/// that owns its client (`bus::spawn_client`) and dies is a lost connection to the broker: its will is
/// sent, its session kept as long as it asked, and the next one resumes it.
///
/// When there are too many restarts it ends the others and itself, with an error that says so; so
/// supervisors can supervise supervisors. Told to end, it ends its actors first.
class supervisor : public batch_actor {
public:
  supervisor(caf::actor_config& config, caf::actor timekeeper, std::vector<supervised> children,
             supervisor_options options);

  const char* name() const override { return "actorbus.supervisor"; }

protected:
  void on_start() override;
  bool on_message(caf::mailbox_element& element) override;
  void on_down(caf::down_msg& message) override;
  void on_exit_message(caf::exit_msg& message) override;
  void on_exit() override;

private:
  struct child {
    supervised what;
    back_off delays;
    caf::actor actor{}; ///< none: it does not run
    time_point started_at{};
    std::optional<time_point> start_at{};
  };

  void on(alarm&);
  void start(child& which);
  void ended(child& which, const std::string& reason, bool is_failure);
  void restart_later(child& which);
  void stop(caf::error reason);
  void finish_if_stopped();
  void update_alarm();
  void tell(supervision_event event) const;

  caf::actor timekeeper_;
  supervisor_options options_;
  restart_budget budget_;
  std::vector<child> children_;
  std::optional<caf::error> stopping_; ///< the reason to end with, once all have ended
  std::optional<time_point> kill_at_;
  bool restarting_all_ = false;
};

/// Spawns a supervisor that lives by the bus's time. It ends on an exit message, or when it gives up.
caf::actor supervise(bus& home, std::vector<supervised> children, supervisor_options options = {});

} // namespace actorbus
