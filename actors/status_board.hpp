#pragma once

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/house_publisher.hpp>

namespace actorbus {

/// A number a minute, as it was on average over the last 1, 5 and 15 minutes: the newest counts
/// most, as in a machine's load.
class load_average {
public:
  static constexpr std::array minutes{1, 5, 15};

  /// @param total   of the counter by now
  /// @param elapsed since the call before
  void update(std::uint64_t total, std::chrono::milliseconds elapsed) noexcept;

  /// One a member of `minutes`.
  const std::array<double, minutes.size()>& a_minute() const noexcept { return a_minute_; }

private:
  std::uint64_t before_ = 0;
  std::array<double, minutes.size()> a_minute_{};
};

/// Publishes how the bus does, as `$SYS/broker/…` with mosquitto's names: retained, at intervals,
/// and only what has changed. docs/status.md lists the topics.
class status_board : public batch_actor {
public:
  status_board(caf::actor_config& config, bus_context_ptr bus, caf::actor broker,
               std::chrono::milliseconds interval);

  const char* name() const override { return "actorbus.status_board"; }

protected:
  void on_start() override;
  bool on_message(caf::mailbox_element& element) override;
  void on_exit() override;

private:
  void publish_all();
  void update_loads();
  void publish_loads();
  void publish(std::string_view name, std::uint64_t value);
  void publish(std::string_view name, const std::string& value);

  bus_context_ptr bus_;
  house_publisher voice_;
  std::chrono::milliseconds interval_;
  time_point began_{};
  time_point last_{};
  std::map<std::string, std::string, std::less<>> said_; ///< by name
  std::map<std::string_view, load_average> loads_;
};

} // namespace actorbus
