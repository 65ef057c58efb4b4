#pragma once

#include <array>
#include <vector>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/bus_event.hpp>
#include <actorbus/actors/house_publisher.hpp>

namespace actorbus {

/// Publishes what befalls clients as `$SYS/broker/events/KIND`, and tells those who asked. A flood
/// is one event a kind and second, with a count.
class event_board : public batch_actor {
public:
  event_board(caf::actor_config& config, bus_context_ptr bus, caf::actor broker);

  const char* name() const override { return "actorbus.event_board"; }

protected:
  bool on_message(caf::mailbox_element& element) override;
  void on_down(caf::down_msg& message) override;
  void on_exit() override;

private:
  /// What has come of one kind and was not told yet.
  struct pending {
    bus_event last;
    std::uint64_t count = 0; ///< 0: nothing
    time_point quiet_until{};
  };

  void on(bus_event& event);
  void on(watch_events& request);
  void on(alarm&);
  void tell(pending& what);

  bus_context_ptr bus_;
  house_publisher voice_;
  std::array<pending, 3> pending_; ///< by kind
  std::vector<caf::actor> watchers_;
  bool alarmed_ = false;
};

} // namespace actorbus
