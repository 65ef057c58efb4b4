#include <actorbus/actors/bridge.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <caf/send.hpp>

#include <actorbus/actors/bridge_actor.hpp>
#include <actorbus/actors/bus.hpp>

namespace actorbus {

namespace {

/// Keeps one bridge alive: begins it anew when it has died of a fault, after a pause that doubles.
class bridge_supervisor final : public batch_actor {
public:
  bridge_supervisor(caf::actor_config& config, std::shared_ptr<const bridge_actor::plan> what)
      : batch_actor(config, nullptr), plan_(std::move(what)) {}

  const char* name() const override { return "actorbus.bridge_supervisor"; }

private:
  static constexpr std::chrono::milliseconds pause_max{60'000};

  void on_start() override { begin(); }

  void begin() {
    bridge_ = home_system().spawn<bridge_actor>(plan_);
    monitor(bridge_);
    began_ = now();
  }

  bool on_message(caf::mailbox_element& element) override {
    return match_message<alarm>(element, [this](alarm&) { begin(); });
  }

  void on_down(caf::down_msg& message) override {
    if (message.source != bridge_)
      return;
    bridge_ = {};
    if (leaving_) {
      quit(caf::exit_reason::user_shutdown);
      return;
    }
    plan_->status->last_error("the bridge has died and begins anew");
    pause_ = now() - began_ > pause_max ? std::chrono::milliseconds{100}
                                        : std::min(pause_ * 2, pause_max);
    post(plan_->timekeeper, set_alarm{caf::actor_cast<caf::actor>(ctrl()), now() + pause_},
         context());
  }

  void on_exit_message(caf::exit_msg& message) override {
    leaving_ = true;
    if (bridge_)
      caf::anon_send_exit(bridge_, caf::exit_reason::user_shutdown);
    else
      quit(std::move(message.reason));
  }

  void on_exit() override {
    post(plan_->timekeeper, cancel_alarm{id()}, context());
    bridge_ = {};
  }

  std::shared_ptr<const bridge_actor::plan> plan_;
  caf::actor bridge_;
  time_point began_{};
  std::chrono::milliseconds pause_{50};
  bool leaving_ = false;
};

} // namespace

bridge_handle spawn_bridge(bus& home, bridge_options options, bridge_surroundings surroundings) {
  if (auto faults = check(options); !faults.empty())
    throw std::invalid_argument("bridge \"" + options.name + "\": " + faults.front().key + ": " +
                                faults.front().what);
  auto plan = std::make_shared<bridge_actor::plan>();
  plan->options = std::move(options);
  plan->surroundings = std::move(surroundings);
  plan->local_broker = home.broker();
  plan->timekeeper = home.timekeeper();
  plan->bus_name = home.trail_name();
  plan->status = std::make_shared<bridge_status>();
  plan->status->address(plan->options.addresses.front());
  std::shared_ptr<const bridge_status> status = plan->status;
  auto actor = home.system().spawn<bridge_supervisor>(std::move(plan));
  return {std::move(actor), std::move(status)};
}

} // namespace actorbus
