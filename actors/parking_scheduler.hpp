#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

#include <caf/policy/unprofiled.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <actorbus/actors/ring_queue.hpp>

namespace actorbus {

/// A policy for CAF's scheduler that neither polls nor wakes more threads than the work is worth.
/// CAF's own work stealing looks for work up to 100 times a second on every idle thread; its work
/// sharing takes a central lock and wakes a thread for each message.
///
/// Each worker has a queue. New work goes to the first worker that isn't overloaded, so little
/// work stays on one thread with warm caches; a queue that grows long calls the next thread at
/// once, for waking one costs as much as a thousand queue operations. While there is traffic idle
/// workers look once a millisecond whether another one has something to spare, so that an actor
/// that takes long holds nobody up. When nothing happened for a tenth of a second all sleep.
class parking_policy : public caf::policy::unprofiled {
public:
  /// A queue of more jobs calls for help.
  static constexpr std::size_t backlog_max = 32;
  static constexpr std::chrono::milliseconds steal_interval{1};
  /// So many looks in vain, with nobody at work, end a worker's watch.
  static constexpr int watch_rounds = 100;

  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}
    std::atomic<std::size_t> busy{0}; ///< workers that have a job
  };

  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
    worker_data(const worker_data&) {} // CAF makes workers as copies of an empty one

    std::mutex mutex;
    std::condition_variable changed;
    ring_queue<caf::resumable*> queue;
    bool parked = false; ///< waits for `changed`, with or without a time limit
    bool asleep = false; ///< waits without one
    bool busy = false;   ///< this worker's own
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    auto last = self->num_workers() - 1;
    for (std::size_t i = 0; i < last; ++i)
      if (push(self->worker_by_id(i), job, backlog_max))
        return;
    push(self->worker_by_id(last), job, static_cast<std::size_t>(-1));
  }

  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    push(self, job, static_cast<std::size_t>(-1));
  }

  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    if (!push(self, job, backlog_max))
      central_enqueue_elsewhere(self, job);
  }

  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    push(self, job, static_cast<std::size_t>(-1));
  }

  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    auto& mine = d(self);
    for (int vain = 0;; ++vain) {
      {
        std::lock_guard guard{mine.mutex};
        if (!mine.queue.empty())
          return take(self);
      }
      if (auto* job = steal(self)) {
        set_busy(self, true);
        return job;
      }
      set_busy(self, false);
      if (d(self->parent()).busy.load(std::memory_order_relaxed) > 0)
        vain = 0;
      if (park(mine, vain < watch_rounds))
        continue;
      vain = 0;
      wake_next(self);
    }
  }

  template <class Worker, class F>
  void foreach_resumable(Worker* self, F f) {
    auto& queue = d(self).queue;
    while (!queue.empty())
      f(queue.pop_front());
  }

  template <class Coordinator, class F>
  void foreach_central_resumable(Coordinator*, F) {}

private:
  /// @pre `mine.mutex` is held and the queue isn't empty
  template <class Worker>
  caf::resumable* take(Worker* self) {
    set_busy(self, true);
    return d(self).queue.pop_front();
  }

  template <class Worker>
  void set_busy(Worker* self, bool busy) {
    auto& mine = d(self);
    if (mine.busy == busy)
      return;
    mine.busy = busy;
    auto& total = d(self->parent()).busy;
    if (busy)
      total.fetch_add(1, std::memory_order_relaxed);
    else
      total.fetch_sub(1, std::memory_order_relaxed);
  }

  // @returns whether it only dozed
  bool park(worker_data& mine, bool doze) {
    std::unique_lock guard{mine.mutex};
    mine.parked = true;
    mine.asleep = !doze;
    auto woken = [&mine] { return !mine.queue.empty() || !mine.parked; };
    if (doze)
      mine.changed.wait_for(guard, steal_interval, woken);
    else
      mine.changed.wait(guard, woken);
    mine.parked = mine.asleep = false;
    return doze;
  }

  // Traffic begins again: the next worker shall watch over this one.
  template <class Worker>
  void wake_next(Worker* self) {
    auto* parent = self->parent();
    auto& next = d(parent->worker_by_id((self->id() + 1) % parent->num_workers()));
    std::lock_guard guard{next.mutex};
    if (std::exchange(next.asleep, false)) {
      next.parked = false;
      next.changed.notify_one();
    }
  }

  /// @returns false if the queue has `most` jobs already
  template <class Worker>
  bool push(Worker* worker, caf::resumable* job, std::size_t most) {
    auto& data = d(worker);
    bool sleeps = false;
    {
      std::lock_guard guard{data.mutex};
      if (data.queue.size() >= most)
        return false;
      data.queue.push_back(job);
      sleeps = data.parked;
      data.parked = false;
    }
    if (sleeps)
      data.changed.notify_one();
    return true;
  }

  template <class Worker>
  void central_enqueue_elsewhere(Worker* self, caf::resumable* job) {
    auto* parent = self->parent();
    auto workers = parent->num_workers();
    for (std::size_t i = 1; i < workers; ++i)
      if (push(parent->worker_by_id((self->id() + i) % workers), job, backlog_max))
        return;
    push(self, job, static_cast<std::size_t>(-1));
  }

  template <class Worker>
  caf::resumable* steal(Worker* self) {
    auto* parent = self->parent();
    auto workers = parent->num_workers();
    for (std::size_t i = 1; i < workers; ++i) {
      auto& other = d(parent->worker_by_id((self->id() + i) % workers));
      std::lock_guard guard{other.mutex};
      if (!other.queue.empty())
        return other.queue.pop_front();
    }
    return nullptr;
  }
};

} // namespace actorbus
