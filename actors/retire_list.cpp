#include <actorbus/actors/retire_list.hpp>

#include <new>

#include <actorbus/actors/routing_guard.hpp>

namespace actorbus {

retire_list::~retire_list() {
  free_all();
}

void retire_list::collect() {
  if (memory_.empty() && subscribers_.empty())
    return;
  if (routing_guard::wait_for_readers())
    free_all();
}

void retire_list::free_all() noexcept {
  for (auto* memory : memory_)
    ::operator delete(memory);
  memory_.clear();
  subscribers_.clear();
  bytes_ = 0;
}

} // namespace actorbus
