#pragma once

namespace actorbus {

/// While one lives, its thread runs handlers of a client: a call that waits for a client would wait
/// for ever there, if the client is the same, and hold a thread of the actors' pool if it is not.
class handler_scope {
public:
  handler_scope() noexcept;
  ~handler_scope();
  handler_scope(const handler_scope&) = delete;
  handler_scope& operator=(const handler_scope&) = delete;

  /// Whether the calling thread is in one.
  static bool active() noexcept;

private:
  bool outer_;
};

} // namespace actorbus
