#include <actorbus/actors/actor_handle.hpp>

#include <new>
#include <utility>

#include <caf/actor.hpp>

namespace actorbus {

static_assert(sizeof(caf::actor) == sizeof(void*) && alignof(caf::actor) == alignof(void*));

namespace {

caf::actor& in(std::byte* place) noexcept {
  return *std::launder(reinterpret_cast<caf::actor*>(place));
}

} // namespace

actor_handle::actor_handle() noexcept {
  new (held_) caf::actor{};
}

actor_handle::actor_handle(const caf::actor& of) noexcept {
  new (held_) caf::actor{of};
}

actor_handle::actor_handle(caf::actor&& of) noexcept {
  new (held_) caf::actor{std::move(of)};
}

actor_handle::actor_handle(const actor_handle& other) noexcept : actor_handle(other.get()) {}

actor_handle::actor_handle(actor_handle&& other) noexcept
    : actor_handle(std::move(in(other.held_))) {}

actor_handle& actor_handle::operator=(const actor_handle& other) noexcept {
  in(held_) = other.get();
  return *this;
}

actor_handle& actor_handle::operator=(actor_handle&& other) noexcept {
  in(held_) = std::exchange(in(other.held_), caf::actor{});
  return *this;
}

actor_handle::~actor_handle() {
  in(held_).~actor();
}

const caf::actor& actor_handle::get() const noexcept {
  return *std::launder(reinterpret_cast<const caf::actor*>(held_));
}

actor_handle::operator bool() const noexcept {
  return static_cast<bool>(get());
}

} // namespace actorbus
