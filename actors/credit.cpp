#include <actorbus/actors/credit.hpp>

#include <utility>

#include <actorbus/actors/caf.hpp>

namespace actorbus {

void credit_account::close() {
  actor_handle owner; // let go of without the lock
  std::lock_guard guard{mutex_};
  std::swap(owner, owner_);
}

bool credit_account::wait() noexcept {
  waiting_.store(true, std::memory_order_seq_cst);
  // A refund between the caller's look and the store above may have missed the flag.
  if (used_.load(std::memory_order_seq_cst) <= wake_below() && waiting_.exchange(false))
    return false;
  return true;
}

void credit_account::wake() noexcept {
  if (!waiting_.exchange(false))
    return;
  std::lock_guard guard{mutex_};
  if (owner_)
    post(owner_, credit_granted{}, nullptr);
}

} // namespace actorbus
