#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/bridge.hpp>
#include <actorbus/actors/bridge_dialing.hpp>
#include <actorbus/actors/bridge_port.hpp>
#include <actorbus/actors/bridge_state.hpp>
#include <actorbus/actors/credit.hpp>
#include <actorbus/actors/demand_watches.hpp>

namespace actorbus {

/// A bridge as an actor: `bridge_state` with its two links, each through a port.
class bridge_actor final : public batch_actor, private bridge_host {
public:
  /// What all lives of one bridge share.
  struct plan {
    bridge_options options;
    bridge_surroundings surroundings;
    caf::actor local_broker;
    caf::actor timekeeper;
    std::string bus_name;
    std::shared_ptr<bridge_status> status;
  };

  bridge_actor(caf::actor_config& config, std::shared_ptr<const plan> what);

  const char* name() const override { return "actorbus.bridge"; }

private:
  /// The connection of one end.
  struct link {
    caf::actor port;
    caf::actor session;
    std::shared_ptr<outbound_meter> meter; ///< of bytes on their way to the bridge
    credit_account_ptr credit;             ///< for bytes on their way from it
    ring_queue<frame> held;                ///< until there is credit at the other end
    std::uint32_t number = 0;              ///< the port's
    std::uint32_t stamp = 0;               ///< of our frames, by the session
    std::optional<time_point> deadline;    ///< CONNACK or PINGRESP must have come
    std::optional<time_point> full_since;  ///< its credit is spent, and the other end waits
    time_point last_sent{};
    time_point last_received{};
    time_point up_since{};
  };

  /// What is known of one address.
  struct remote_address {
    caf::actor gateway;    ///< null before it is dialled first
    bool is_older = false; ///< it has refused MQTT 5.0
    unsigned hung_up = 0;  ///< so often in a row, when 5.0 was spoken
  };

  void on_start() override;
  bool on_message(caf::mailbox_element& element) override;
  void on_batch_end() override;
  void on_exit_message(caf::exit_msg& message) override;
  void on_exit() override;

  void on(through_port<frame>& message);
  void on(through_port<session_opened>& message);
  void on(through_port<close_channel>& message);
  void on(credit_granted&) {}
  void on(demand_changed& message);
  void on(alarm&);

  // bridge_host
  void connected(bridge_end& end, protocol::reason_code code, const std::string& text) override;
  void complained(const std::string& what) override;
  time_point now() const override { return batch_actor::now(); }

  void open(link& on, const caf::actor& gateway);
  void open_local();
  void dial();
  void failed(link& on, const std::string& why);
  void doubt_version(bool is_certain);
  void close(link& on);
  void read(link& on, const frame& packets);
  void read_held(link& on);
  bool may_read(const link& from);
  void flush(link& on);
  void keep_alive();
  void return_to_first();
  void hang_up_if_idle();
  void announce_state();
  void report();
  void changed();
  void update_alarm();

  bridge_end& end_of(const link& on) noexcept {
    return &on == &local_ ? state_.local : state_.remote;
  }
  link* link_of(std::uint32_t number) noexcept;
  caf::actor self() { return caf::actor_cast<caf::actor>(ctrl()); }
  std::string topic(std::string_view what) const;

  std::shared_ptr<const plan> plan_;
  const bridge_options& options_;
  std::shared_ptr<bridge_status> status_;
  bridge_state state_;
  bridge_dialing dialing_;
  std::vector<remote_address> addresses_; ///< as in the options
  bool tries_older_ = false;              ///< 3.1.1 is next, at once
  link local_;
  link remote_;
  std::uint32_t ports_ = 0;
  std::optional<bool> announced_; ///< the state that the local bus was told
  bool has_news_ = false;         ///< an error that it was not told
  std::optional<time_point> dial_at_;
  std::optional<time_point> local_retry_at_;
  std::optional<time_point> return_at_;
  std::optional<time_point> report_at_;
  std::optional<time_point> alarm_at_;
  time_point last_traffic_{};
  std::uint64_t last_carried_ = 0;
  std::string reported_; ///< the figures of the last report
};

} // namespace actorbus
