#pragma once

#include <actorbus/actors/caf.hpp>

namespace actorbus::conformance {

/// The authenticator of the buses under test: knows the method `WORDS`. Who says "open" in CONNECT is let in; who says
/// "ask" is asked "who?", and let in with "welcome" for the answer "friend"; all else is refused with 0x87. Anonymous
/// clients are welcome. Authenticates anew in the same way.
class known_method {
public:
  explicit known_method(caf::actor_system& system);
  ~known_method();
  known_method(const known_method&) = delete;
  known_method& operator=(const known_method&) = delete;

  const caf::actor& authenticator() const { return actor_; }

private:
  caf::actor actor_;
};

} // namespace actorbus::conformance
