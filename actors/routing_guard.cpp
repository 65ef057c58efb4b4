#include <actorbus/actors/routing_guard.hpp>

#include <urcu/urcu-memb.h>

#include <actorbus/actors/route_cache.hpp>

// liburcu is not built for the thread sanitizer, so its promise is told to it here: what a writer
// did before a grace period is visible to guards that begin after it, and what a guard's owner did
// is visible to the writer when the grace period ends.
#if defined(__SANITIZE_THREAD__)
#define ACTORBUS_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ACTORBUS_THREAD_SANITIZER 1
#endif
#endif
#if defined(ACTORBUS_THREAD_SANITIZER)
extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}
#endif

namespace actorbus {

namespace {

#if defined(ACTORBUS_THREAD_SANITIZER)
char grace_periods_begun;
char guards_ended;
void acquire(char& what) noexcept {
  __tsan_acquire(&what);
}
void release(char& what) noexcept {
  __tsan_release(&what);
}
#else
enum { grace_periods_begun, guards_ended };
void acquire(int) noexcept {}
void release(int) noexcept {}
#endif

/// Makes a thread known to liburcu from its first guard to its end.
struct reader_thread {
  reader_thread() { urcu_memb_register_thread(); }
  ~reader_thread() { urcu_memb_unregister_thread(); }

  unsigned guards = 0;
};

thread_local reader_thread this_thread;

} // namespace

routing_guard::routing_guard() noexcept {
  if (this_thread.guards++ == 0) {
    urcu_memb_read_lock();
    acquire(grace_periods_begun);
  }
}

routing_guard::~routing_guard() {
  if (--this_thread.guards == 0) {
    release(guards_ended);
    urcu_memb_read_unlock();
    route_cache::of_this_thread().release_replaced();
  }
}

bool routing_guard::held() noexcept {
  return this_thread.guards != 0;
}

bool routing_guard::wait_for_readers() noexcept {
  if (held())
    return false;
  release(grace_periods_begun);
  urcu_memb_synchronize_rcu();
  acquire(guards_ended);
  return true;
}

} // namespace actorbus
