#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace caf {
class actor_system;
} // namespace caf

namespace actorbus::testing {

/// An actor system in one thread on virtual time: actors run when the test says so, in a fixed
/// order, and the clock moves when the test moves it. The same test takes the same course each time.
class virtual_system {
public:
  virtual_system();

  /// Runs what is left. Whoever has actors ends them before.
  ~virtual_system();

  virtual_system(const virtual_system&) = delete;
  virtual_system& operator=(const virtual_system&) = delete;

  caf::actor_system& system() noexcept;

  /// Runs actors until none has anything to do.
  void run();

  /// Lets time pass and runs what becomes due, each at its time.
  void advance(std::chrono::milliseconds time);

  /// Runs actors, and lets time pass from one event to the next, until `done` says so.
  /// @param within virtual time to spend at most; nothing: as long as anything is due
  /// @returns whether it was done in time; if not, all of `within` has passed
  bool run_until(const std::function<bool()>& done,
                 std::optional<std::chrono::milliseconds> within = std::nullopt);

  /// Since the system was made.
  std::chrono::milliseconds elapsed() const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace actorbus::testing
