#pragma once

namespace actorbus {

/// Keeps everything that `router::find` returned on this thread alive. Cheap; may be nested;
/// never held while a thread waits.
class routing_guard {
public:
  routing_guard() noexcept;
  ~routing_guard();
  routing_guard(const routing_guard&) = delete;
  routing_guard& operator=(const routing_guard&) = delete;

  /// Whether the calling thread holds one.
  static bool held() noexcept;

  /// Waits until every guard that there is now has gone: a grace period.
  /// @returns false, without waiting, if the calling thread holds one itself
  static bool wait_for_readers() noexcept;
};

} // namespace actorbus
