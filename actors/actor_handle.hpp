#pragma once

#include <cstddef>

namespace caf {

class actor;
class actor_system;

} // namespace caf

namespace actorbus {

/// A `caf::actor` in headers that spare their readers CAF's, which take longer to compile than the
/// rest of a small program. Is made from one, and is taken for one wherever one is wanted.
class actor_handle {
public:
  actor_handle() noexcept; ///< nobody
  actor_handle(const caf::actor& of) noexcept;
  actor_handle(caf::actor&& of) noexcept;
  actor_handle(const actor_handle& other) noexcept;
  actor_handle(actor_handle&& other) noexcept; ///< leaves nobody
  actor_handle& operator=(const actor_handle& other) noexcept;
  actor_handle& operator=(actor_handle&& other) noexcept;
  ~actor_handle();

  const caf::actor& get() const noexcept;
  operator const caf::actor&() const noexcept { return get(); }

  /// Whether there is somebody.
  explicit operator bool() const noexcept;

private:
  alignas(void*) std::byte held_[sizeof(void*)]; ///< a `caf::actor` lives here
};

} // namespace actorbus
