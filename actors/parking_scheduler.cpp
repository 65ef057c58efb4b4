#include <actorbus/actors/parking_scheduler.hpp>

#include <condition_variable>
#include <limits>
#include <mutex>

#include <caf/abstract_actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/set_thread_name.hpp>
#include <caf/execution_unit.hpp>
#include <caf/exit_reason.hpp>
#include <caf/local_actor.hpp>
#include <caf/logger.hpp>
#include <caf/resumable.hpp>

#include <actorbus/actors/ring_queue.hpp>
#include <actorbus/actors/sleeper.hpp>

namespace actorbus {

namespace {

constexpr auto any_backlog = std::numeric_limits<std::size_t>::max();

// Takes the place of a job: who gets it ends.
constexpr caf::resumable* no_job = nullptr;

/// Has a thread's life told to CAF's modules.
template <class F>
std::thread thread_of(caf::actor_system& system, const char* name, F&& body) {
  return std::thread{[&system, name, body = std::forward<F>(body)] {
    CAF_SET_LOGGER_SYS(&system);
    caf::detail::set_thread_name(name);
    system.thread_started();
    body();
    system.thread_terminates();
  }};
}

void end_unrun(caf::resumable* job) {
  if (auto* actor = dynamic_cast<caf::local_actor*>(job))
    actor->cleanup(caf::exit_reason::user_shutdown, nullptr);
  caf::intrusive_ptr_release(job);
}

} // namespace

class parking_scheduler::worker final : public caf::execution_unit {
public:
  worker(parking_scheduler& parent, std::size_t number)
      : caf::execution_unit(&parent.system()), parent_(parent), number_(number) {}

  void start() {
    thread_ = thread_of(parent_.system(), "caf.multiplexer", [this] {
      current = this;
      run();
    });
  }

  void join() { thread_.join(); }

  /// Of a job that runs here. Where one job leads to one other, as a message that is handed on does,
  /// the other waits in a place of its own, without the queue's lock. (An actor that is told where
  /// it runs, and tells another thread, does no harm.)
  void exec_later(caf::resumable* job) override {
    if (current == this && queued_.load(std::memory_order_relaxed) == 0 &&
        !next_.load(std::memory_order_relaxed)) {
      next_.store(job, std::memory_order_release);
      return;
    }
    if (push(job, backlog_max))
      return;
    for (std::size_t i = 1; i < parent_.workers_.size(); ++i)
      if (neighbour(i).push(job, backlog_max))
        return;
    push(job, any_backlog);
  }

  /// @returns false if the queue has `most` jobs already
  bool push(caf::resumable* job, std::size_t most) {
    auto sleeps = false;
    {
      std::lock_guard guard{mutex_};
      if (queue_.size() >= most)
        return false;
      queue_.push_back(job);
      queued_.store(queue_.size(), std::memory_order_relaxed);
      sleeps = parked_;
      parked_ = false;
    }
    if (sleeps)
      changed_.notify_one();
    else
      has_news_.store(true, std::memory_order_release); // who looks finds the mutex free
    return true;
  }

  /// Takes the oldest job. @returns false if there is none
  bool pop(caf::resumable*& job) { return take_next(job) || take_queued(job, true); }

  /// The same for another worker, which must not take from this one that it has to end.
  bool steal(caf::resumable*& job) { return take_next(job) || take_queued(job, false); }

private:
  bool take_next(caf::resumable*& job) {
    if (!next_.load(std::memory_order_relaxed))
      return false;
    job = next_.exchange(nullptr, std::memory_order_acq_rel);
    return job != nullptr;
  }

  bool take_queued(caf::resumable*& job, bool may_end) {
    if (queued_.load(std::memory_order_acquire) == 0)
      return false;
    std::lock_guard guard{mutex_};
    if (queue_.empty() || (queue_.front() == no_job && !may_end))
      return false;
    job = queue_.pop_front();
    queued_.store(queue_.size(), std::memory_order_relaxed);
    return true;
  }

  worker& neighbour(std::size_t distance) {
    return *parent_.workers_[(number_ + distance) % parent_.workers_.size()];
  }

  void run() {
    while (auto* job = next_job()) {
      switch (resume(job)) {
      case caf::resumable::resume_later: push(job, any_backlog); break;
      case caf::resumable::shutdown_execution_unit:
      case caf::resumable::done:
      case caf::resumable::awaiting_message: caf::intrusive_ptr_release(job); break;
      }
    }
  }

  caf::resumable::resume_result resume(caf::resumable* job) {
    if (!parent_.logs_)
      return job->resume(this, parent_.max_throughput());
    CAF_PUSH_AID_FROM_PTR(dynamic_cast<caf::abstract_actor*>(job));
    return job->resume(this, parent_.max_throughput());
  }

  // @returns no_job to end the thread
  caf::resumable* next_job() {
    auto slept = false;
    for (int vain = 0;; ++vain) {
      has_news_.store(false, std::memory_order_relaxed);
      auto* job = no_job;
      auto found = pop(job);
      for (std::size_t i = 1; !found && i < parent_.workers_.size(); ++i)
        found = neighbour(i).steal(job);
      if (found) {
        waits_.wake_up();
        set_busy(true);
        return job;
      }
      if (!slept) {
        if (waits_.look([this] { return has_news_.load(std::memory_order_acquire); }))
          continue;
        waits_.fall_asleep();
        slept = true;
      }
      set_busy(false);
      if (parent_.busy_.load(std::memory_order_relaxed) > 0)
        vain = 0;
      if (park(vain < watch_rounds))
        continue;
      vain = 0;
      wake_next();
    }
  }

  void set_busy(bool busy) {
    if (busy_ == busy)
      return;
    busy_ = busy;
    if (busy)
      parent_.busy_.fetch_add(1, std::memory_order_relaxed);
    else
      parent_.busy_.fetch_sub(1, std::memory_order_relaxed);
  }

  // @returns whether it only dozed
  bool park(bool doze) {
    std::unique_lock guard{mutex_};
    parked_ = true;
    asleep_ = !doze;
    auto woken = [this] { return !queue_.empty() || !parked_; };
    if (doze)
      changed_.wait_for(guard, steal_interval, woken);
    else
      changed_.wait(guard, woken);
    parked_ = asleep_ = false;
    return doze;
  }

  // Traffic begins again: the next worker shall watch over this one.
  void wake_next() {
    auto& next = neighbour(1);
    std::lock_guard guard{next.mutex_};
    if (std::exchange(next.asleep_, false)) {
      next.parked_ = false;
      next.changed_.notify_one();
    }
  }

  static thread_local worker* current; ///< the calling thread's, if it is one

  parking_scheduler& parent_;
  const std::size_t number_;
  std::thread thread_;

  // This thread's own.
  sleeper waits_;
  bool busy_ = false;

  std::atomic<caf::resumable*> next_{nullptr}; ///< before `queue_`; put in by this thread alone
  std::atomic<std::size_t> queued_{0};         ///< the size of `queue_`
  // Set when `queue_` has got something: to be looked at without the mutex.
  std::atomic<bool> has_news_{false};

  std::mutex mutex_; ///< guards what follows
  std::condition_variable changed_;
  ring_queue<caf::resumable*> queue_;
  bool parked_ = false; ///< waits for `changed_`, with or without a time limit
  bool asleep_ = false; ///< waits without one
};

thread_local parking_scheduler::worker* parking_scheduler::worker::current = nullptr;

parking_scheduler::parking_scheduler(caf::actor_system& system)
    : caf::scheduler::abstract_coordinator(system) {}

parking_scheduler::~parking_scheduler() = default;

void parking_scheduler::enqueue(caf::resumable* job) {
  for (std::size_t i = 0; i + 1 < workers_.size(); ++i)
    if (workers_[i]->push(job, backlog_max))
      return;
  workers_.back()->push(job, any_backlog);
}

void parking_scheduler::start() {
  logs_ = system().logger().accepts(CAF_LOG_LEVEL_ERROR, caf::atom("caf"));
  for (std::size_t i = 0; i < num_workers(); ++i)
    workers_.push_back(std::make_unique<worker>(*this, i));
  for (auto& each : workers_)
    each->start();
  timer_ = thread_of(system(), "caf.clock", [this] { clock_.run_dispatch_loop(); });
  caf::scheduler::abstract_coordinator::start();
}

// What was queued before runs before. Later there is something only if the system doesn't wait for
// its actors.
void parking_scheduler::stop() {
  for (auto& each : workers_)
    each->push(no_job, any_backlog);
  stop_actors();
  for (auto& each : workers_)
    each->join();
  for (auto& each : workers_)
    for (auto* job = no_job; each->pop(job);)
      end_unrun(job);
  clock_.cancel_dispatch_loop();
  timer_.join();
}

} // namespace actorbus
