#include <actorbus/actors/handler_scope.hpp>

#include <utility>

namespace actorbus {

namespace {

thread_local bool runs_handlers = false;

} // namespace

handler_scope::handler_scope() noexcept : outer_(std::exchange(runs_handlers, true)) {}

handler_scope::~handler_scope() {
  runs_handlers = outer_;
}

bool handler_scope::active() noexcept {
  return runs_handlers;
}

} // namespace actorbus
