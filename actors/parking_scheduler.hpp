#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace actorbus {

/// A scheduler for CAF that neither polls nor wakes more threads than the work is worth. CAF's own
/// work stealing looks for work up to 100 times a second on every idle thread; its work sharing
/// takes a central lock and wakes a thread for each message.
///
/// Each worker has a queue. New work goes to the first worker that isn't overloaded, so little
/// work stays on one thread with warm caches; a queue that grows long calls the next thread at
/// once, for waking one costs as much as a thousand queue operations. While there is traffic idle
/// workers look once a millisecond whether another one has something to spare, so that an actor
/// that takes long holds nobody up. When nothing happened for a tenth of a second all sleep. A
/// worker to whom work comes piece by piece, as in a conversation, looks for the next piece for as
/// long as that is cheaper than to be woken.
///
/// Unlike CAF's workers, ours tell CAF's logger who runs only if something is to be logged: to find
/// out costs as much as to deliver a message.
class parking_scheduler final : public caf::scheduler::abstract_coordinator {
public:
  /// A queue of more jobs calls for help.
  static constexpr std::size_t backlog_max = 32;
  static constexpr std::chrono::milliseconds steal_interval{1};
  /// So many looks in vain, with nobody at work, end a worker's watch.
  static constexpr int watch_rounds = 100;

  explicit parking_scheduler(caf::actor_system& system);
  ~parking_scheduler() override;

  /// Any thread.
  void enqueue(caf::resumable* job) override;

  caf::actor_clock& clock() noexcept override { return clock_; }

protected:
  void start() override;
  void stop() override;

private:
  class worker;

  std::vector<std::unique_ptr<worker>> workers_;
  std::atomic<std::size_t> busy_{0}; ///< workers that have a job
  bool logs_ = false;
  caf::detail::thread_safe_actor_clock clock_;
  std::thread timer_;
};

} // namespace actorbus
