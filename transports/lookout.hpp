#pragma once

namespace actorbus::transports {

/// Something that an I/O thread can look at without a system call, as shared memory: it does so
/// while it is awake, and has itself woken before it sleeps.
class lookout {
public:
  /// Looks.
  virtual bool has_news() const noexcept = 0;

  /// There are news. The thread has forgotten this lookout, which may tell it of itself again.
  virtual void on_news() = 0;

  /// The thread is about to sleep and will have forgotten this lookout: from now on news must wake
  /// it up, and say so by `io_thread::woken`.
  /// @returns false if there are news already
  virtual bool arm() = 0;

protected:
  ~lookout() = default;
};

} // namespace actorbus::transports
