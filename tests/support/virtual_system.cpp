#include "virtual_system.hpp"

#include <caf/atom.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace actorbus::test {

virtual_system::config::config() {
  set("scheduler.policy", caf::atom("testing"));
}

virtual_system::virtual_system()
    : system_{config_}, scheduler_{dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())} {}

virtual_system::~virtual_system() {
  run();
}

void virtual_system::run() {
  while (scheduler_.run() > 0) {
    // until no actor has anything to do
  }
}

void virtual_system::advance(std::chrono::milliseconds time) {
  scheduler_.advance_time(time);
  run();
}

} // namespace actorbus::test
