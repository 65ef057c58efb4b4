#pragma once

#include <chrono>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

namespace caf::scheduler {
class test_coordinator;
} // namespace caf::scheduler

namespace actorbus::test {

/// An actor system in one thread on virtual time: actors run when the test says so, in a fixed order, and the clock
/// moves when the test moves it. The same test takes the same course each time.
class virtual_system {
public:
  virtual_system();

  /// Ends every actor that is left.
  ~virtual_system();

  caf::actor_system& system() { return system_; }

  /// Runs actors until none has anything to do.
  void run();

  /// Lets time pass and runs what becomes due.
  void advance(std::chrono::milliseconds time);

private:
  struct config : caf::actor_system_config {
    config();
  };

  config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
};

} // namespace actorbus::test
