#include <actorbus/transports/io_thread.hpp>

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace actorbus::transports {

namespace {

constexpr std::size_t messages_per_turn = 1024;
// A round of the run queue ends after so many short turns, so that sockets and other threads are
// looked at again; a turn that used up its messages counts for many.
constexpr std::size_t round_budget = 256;
constexpr std::size_t long_turn_cost = 32;
constexpr std::uint32_t poll_pause_max = 63;
// How often news in memory may come first before sockets are looked at.
constexpr std::uint32_t rounds_without_sockets = 16;

thread_local io_thread* current = nullptr;

void release(batch_actor* actor) noexcept {
  caf::intrusive_ptr_release(static_cast<caf::resumable*>(actor));
}

} // namespace

struct io_thread::asio_side {
  // All sockets of this context are used by its thread alone: their locks can go. Posting from
  // elsewhere stays safe.
  boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      context.get_executor()};
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      timer{context};
  time_point timer_at = time_point::max(); ///< what `timer` waits for
};

io_thread::io_thread(caf::actor_system& system, std::size_t number)
    : caf::execution_unit(&system),
      asio_(std::make_unique<asio_side>()),
      join_block_(new std::uint8_t[join_block_bytes]),
      number_(number) {}

io_thread::~io_thread() {
  stop();
  release_queued();
  asio_.reset(); // handlers hold references to their actors
  lookouts_.clear();
  release_queued();
}

void io_thread::start() {
  assert(!thread_.joinable());
  thread_ = std::thread{[this] { run(); }};
}

void io_thread::stop() {
  if (!thread_.joinable())
    return;
  stopping_.store(true, std::memory_order_seq_cst);
  wake();
  thread_.join();
}

bool io_thread::on_thread() const noexcept {
  return current == this;
}

boost::asio::io_context& io_thread::context() noexcept {
  return asio_->context;
}

void io_thread::exec_later(caf::resumable* job) {
  if (job->subtype() != caf::resumable::io_actor) {
    system().scheduler().enqueue(job);
    return;
  }
  auto* actor = static_cast<batch_actor*>(job);
  assert(actor->home() == this);
  if (on_thread()) {
    actor->next_to_run = nullptr;
    (last_ ? last_->next_to_run : first_) = actor;
    last_ = actor;
    return;
  }
  auto* head = remote_.load(std::memory_order_relaxed);
  do
    actor->next_to_run = head;
  while (!remote_.compare_exchange_weak(head, actor, std::memory_order_seq_cst,
                                        std::memory_order_relaxed));
  wake();
}

// A thread that is awake looks at `remote_` before it sleeps, so nothing needs to be done then.
void io_thread::wake() {
  auto expected = state::asleep;
  if (state_.load(std::memory_order_seq_cst) == state::asleep &&
      state_.compare_exchange_strong(expected, state::waking))
    boost::asio::post(asio_->context, [this] { state_.store(state::awake); });
}

// Moves what other threads have queued to the end of the run queue, oldest first.
bool io_thread::take_remote() noexcept {
  if (!remote_.load(std::memory_order_relaxed))
    return first_ != nullptr;
  auto* newest = remote_.exchange(nullptr, std::memory_order_acq_rel);
  auto* tail = newest;
  batch_actor* head = nullptr;
  while (newest) {
    auto* older = newest->next_to_run;
    newest->next_to_run = head;
    head = newest;
    newest = older;
  }
  if (head) {
    (last_ ? last_->next_to_run : first_) = head;
    last_ = tail;
  }
  return first_ != nullptr;
}

void io_thread::run() {
  current = this;
  pthread_setname_np(pthread_self(), ("actorbus-io-" + std::to_string(number_)).c_str());
  while (!stopping_.load(std::memory_order_relaxed)) {
    try {
      run_once();
    } catch (...) {
      recover();
    }
  }
  try {
    asio_->context.poll(); // handlers of sockets that were closed last
    look_around();
  } catch (...) {
    recover();
  }
  current = nullptr;
}

void io_thread::run_once() {
  if (take_remote()) {
    run_queue();
    if (first_) {
      asio_->context.poll(); // sockets get their turn
      look_around();
    }
  } else if (lookouts_.empty() || !(look_around() || look_longer() || !arm_lookouts())) {
    if (sleep_until_something_happens())
      poll_for_more();
  }
  if (hurry_.load(std::memory_order_relaxed) && hurry_.exchange(false))
    wheel_.hurry();
}

// Actors answer for their own exceptions; what gets here, memory that is short, costs one event and
// not the thread of thousands of connections.
void io_thread::recover() noexcept {
  auto expected = state::asleep;
  state_.compare_exchange_strong(expected, state::awake);
  outgoing_.clear();
}

void io_thread::look_out(lookout& what, caf::strong_actor_ptr owner) {
  lookouts_.push_back({&what, std::move(owner)});
}

void io_thread::woken() {
  sleeper_.wake_up(); // nothing more for another lookout's news, that came with the first
}

bool io_thread::has_news(const watched& each) noexcept {
  return each.what->has_news();
}

// Tells all lookouts that have news, who waits for longest first. @returns whether there were any
bool io_thread::look_around() {
  bool found = std::any_of(lookouts_.begin(), lookouts_.end(), has_news);
  if (found) {
    thread_local std::vector<watched> looked;
    looked.swap(lookouts_); // telling adds some
    for (auto& each : looked)
      if (has_news(each))
        each.what->on_news();
      else
        lookouts_.push_back(std::move(each));
    looked.clear();
  }
  if (found && ++rounds_ >= rounds_without_sockets) {
    rounds_ = 0;
    asio_->context.poll();
  }
  return found;
}

// Looks for as long as that is likely to be cheaper than a sleep. @returns whether there is
// something to do
bool io_thread::look_longer() {
  auto found = sleeper_.look([this] {
    return remote_.load(std::memory_order_relaxed) || stopping_.load(std::memory_order_relaxed) ||
           std::any_of(lookouts_.begin(), lookouts_.end(), has_news);
  });
  if (found)
    look_around();
  return found;
}

// @returns false if one of them has news: they shall not be slept over
bool io_thread::arm_lookouts() {
  while (!lookouts_.empty()) {
    if (!lookouts_.back().what->arm())
      return false;
    lookouts_.pop_back();
  }
  sleeper_.fall_asleep();
  return true;
}

// @returns false if it didn't sleep, since there is something to do already
bool io_thread::sleep_until_something_happens() {
  // While somebody's wake-up is on its way, `run_one` returns at once or soon.
  auto expected = state::awake;
  if (state_.compare_exchange_strong(expected, state::asleep) &&
      (remote_.load(std::memory_order_seq_cst) || stopping_.load(std::memory_order_seq_cst) ||
       hurry_.load(std::memory_order_seq_cst))) {
    expected = state::asleep;
    if (state_.compare_exchange_strong(expected, state::awake))
      return false;
  }
  asio_->context.run_one();
  expected = state::asleep;
  state_.compare_exchange_strong(expected, state::awake);
  return true;
}

// One look more at the sockets costs a system call, and makes one batch of what several sockets
// bring. So it is done for as long as it finds something, and else tried now and then.
void io_thread::poll_for_more() {
  if (poll_pause_ > 0) {
    --poll_pause_;
    return;
  }
  poll_backoff_ = asio_->context.poll() > 0 ? 0 : std::min(poll_backoff_ * 2 + 1, poll_pause_max);
  poll_pause_ = poll_backoff_;
}

void io_thread::run_queue() {
  for (std::size_t spent = 0; first_ && spent < round_budget; ++spent) {
    auto* actor = first_;
    first_ = actor->next_to_run;
    if (!first_)
      last_ = nullptr;
    actor->next_to_run = nullptr;
    auto next = caf::resumable::done;
    try {
      next = actor->resume(this, messages_per_turn);
    } catch (...) {
      // It failed while it ended, and has no more turns.
    }
    if (next == caf::resumable::resume_later) {
      exec_later(actor);
      spent += long_turn_cost;
    } else {
      release(actor);
    }
  }
}

void io_thread::release_queued() noexcept {
  while (take_remote()) {
    auto* actor = first_;
    first_ = actor->next_to_run;
    if (!first_)
      last_ = nullptr;
    release(actor);
  }
}

void io_thread::set_deadline(timer_wheel::entry& what, duration delay) {
  if (wheel_.set(what, system().clock().now(), delay))
    arm_timer();
}

// A timer that is set already is left alone if it comes early enough: connections come and go
// without a system call.
void io_thread::arm_timer() {
  auto when = wheel_.next();
  if (!when || *when >= asio_->timer_at)
    return;
  asio_->timer.expires_after(*when - system().clock().now());
  asio_->timer.async_wait([this](const boost::system::error_code& error) {
    if (error)
      return;
    asio_->timer_at = time_point::max();
    wheel_.advance(system().clock().now());
    arm_timer();
  });
  asio_->timer_at = *when;
}

void io_thread::hurry() {
  hurry_.store(true, std::memory_order_seq_cst);
  wake();
}

buffer_ptr& io_thread::read_block() {
  if (!read_block_)
    read_block_ = buffer::make(read_block_bytes);
  return read_block_;
}

} // namespace actorbus::transports
