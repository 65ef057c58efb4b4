#include <actorbus/actors/virtual_system.hpp>

#include <algorithm>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <actorbus/actors/caf.hpp>

namespace actorbus::testing {

namespace {

struct virtual_config : caf::actor_system_config {
  virtual_config() { set("scheduler.policy", caf::atom("testing")); }
};

} // namespace

struct virtual_system::parts {
  auto& clock() { return scheduler.clock(); }

  void run() {
    while (scheduler.run() > 0) {
      // until no actor has anything to do
    }
  }

  void advance(duration time) {
    scheduler.advance_time(time);
    run();
  }

  /// When the next event is due, if there is one.
  std::optional<time_point> next_event() {
    const auto& schedule = clock().schedule();
    if (schedule.empty())
      return std::nullopt;
    return std::max(schedule.begin()->first, clock().now());
  }

  virtual_config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& scheduler =
      dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  time_point origin = scheduler.clock().now();
};

virtual_system::virtual_system() : parts_(std::make_unique<parts>()) {}

virtual_system::~virtual_system() {
  run();
}

caf::actor_system& virtual_system::system() noexcept {
  return parts_->system;
}

void virtual_system::run() {
  parts_->run();
}

void virtual_system::advance(std::chrono::milliseconds time) {
  run_until([] { return false; }, time);
}

bool virtual_system::run_until(const std::function<bool()>& done,
                               std::optional<std::chrono::milliseconds> within) {
  run();
  auto start = parts_->clock().now();
  while (!done()) {
    auto next = parts_->next_event();
    if (within && (!next || *next > start + *within)) {
      parts_->advance(start + *within - parts_->clock().now());
      return done();
    }
    if (!next)
      return false; // and never will be
    parts_->advance(*next - parts_->clock().now());
  }
  return true;
}

std::chrono::milliseconds virtual_system::elapsed() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(parts_->clock().now() -
                                                               parts_->origin);
}

} // namespace actorbus::testing
