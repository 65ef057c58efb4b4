#pragma once

#include <chrono>
#include <functional>
#include <optional>

namespace actorbus {

/// Runs the actors where no other thread does. On virtual time a call that blocks would wait for
/// ever: it is the waiting thread itself that has to let the others run, and time pass.
class thread_driver {
public:
  /// Makes this the driver of the calling thread, until it is destroyed there.
  thread_driver() noexcept;
  virtual ~thread_driver();
  thread_driver(const thread_driver&) = delete;
  thread_driver& operator=(const thread_driver&) = delete;

  /// Lets actors run until `done`, or until nothing is due that could bring it about.
  /// @param within what may pass of the actors' time; nothing: any
  /// @returns whether it is done
  virtual bool drive_until(const std::function<bool()>& done,
                           std::optional<std::chrono::milliseconds> within) = 0;

  /// The calling thread's, as a rule nullptr.
  static thread_driver* current() noexcept;

private:
  thread_driver* outer_;
};

} // namespace actorbus
