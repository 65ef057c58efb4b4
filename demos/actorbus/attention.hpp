#pragma once

#include <chrono>
#include <optional>

namespace actorbus::demos {

/// What the main thread waits for: signals, a call from another thread, a file, the time. From its
/// construction on SIGINT, SIGTERM and SIGHUP no longer end the program but come here; made before
/// the first thread begins. SIGPIPE is ignored.
class attention {
public:
  using time_point = std::chrono::steady_clock::time_point;

  enum class cause { signal, called, readable, time };

  attention();
  ~attention();
  attention(const attention&) = delete;
  attention& operator=(const attention&) = delete;

  /// Ends a `wait`, the next one if there is none now. Any thread.
  void call() noexcept;

  /// @param until nothing: for ever
  /// @param file  a descriptor to read from, -1: none
  cause wait(std::optional<time_point> until, int file = -1);

  /// The signal that the last `wait` returned for.
  int signal() const noexcept { return signal_; }

private:
  int signals_;
  int calls_;
  int signal_ = 0;
};

} // namespace actorbus::demos
