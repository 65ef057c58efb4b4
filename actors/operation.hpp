#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include <actorbus/actors/actor_handle.hpp>
#include <actorbus/actors/client_events.hpp>
#include <actorbus/actors/handler_scope.hpp>
#include <actorbus/actors/sleeper.hpp>
#include <actorbus/actors/thread_driver.hpp>
#include <actorbus/protocol/expected.hpp>

namespace actorbus {

/// Calls `what` on the client's actor `clock` after a delay by its actor system's clock; never if
/// the client ends before.
void call_after(const caf::actor& clock, std::chrono::milliseconds delay,
                std::function<void()> what);

/// How an operation's result type says that it failed.
template <class T>
struct operation_result {
  static T failed(outcome why) { return T{std::move(why)}; }
};
template <class T>
struct operation_result<protocol::expected<T, outcome>> {
  static protocol::expected<T, outcome> failed(outcome why) {
    return protocol::unexpected{std::move(why)};
  }
};

inline outcome timed_out() {
  return {.code = protocol::reason_code::unspecified_error,
          .text = "timed out",
          .how = ending::timed_out};
}

inline outcome cancelled() {
  return {.code = protocol::reason_code::unspecified_error,
          .text = "cancelled",
          .how = ending::cancelled};
}

inline outcome would_block() {
  return {.code = protocol::reason_code::unspecified_error,
          .text = "a handler must not wait: it would hold up what it waits for; use then() or "
                  "co_await",
          .how = ending::would_block};
}

inline outcome stuck() {
  return {.code = protocol::reason_code::unspecified_error,
          .text = "nothing is due that would ever bring the result",
          .how = ending::would_block};
}

/// What an operation and whoever completes it share. Completed once, by whoever comes first: the
/// answer, a time-out, a cancellation. Thread-safe.
template <class T>
class operation_state : public std::enable_shared_from_this<operation_state<T>> {
public:
  /// @param clock a client's actor, for time-outs; may be null: there are none
  explicit operation_state(actor_handle clock = {}) noexcept : clock_(std::move(clock)) {}

  /// @returns false if it was over before; `value` is then left as it is
  bool complete(T&& value) {
    std::function<void(T)> then;
    {
      std::lock_guard guard{mutex_};
      if (over_)
        return false;
      over_ = true;
      if (then_)
        then = std::exchange(then_, nullptr);
      else
        value_.emplace(std::move(value));
      changed_.notify_all();
    }
    ready_.store(true, std::memory_order_release); // who looks finds the mutex free
    if (then)
      then(std::move(value));
    return true;
  }

  /// Has `callback` called with the result: on the client's actor, or here and now if it is over.
  void then(std::function<void(T)> callback) {
    std::unique_lock guard{mutex_};
    if (!over_) {
      then_ = std::move(callback);
      return;
    }
    auto value = std::move(*value_);
    guard.unlock();
    callback(std::move(value));
  }

  bool over() const {
    std::lock_guard guard{mutex_};
    return over_;
  }

  bool has_callback() const {
    std::lock_guard guard{mutex_};
    return then_ != nullptr;
  }

  /// @returns whether it is over
  template <class Rep, class Period>
  bool wait_for(std::chrono::duration<Rep, Period> time) {
    if (auto* driver = thread_driver::current())
      return driver->drive_until([this] { return over(); },
                                 std::chrono::ceil<std::chrono::milliseconds>(time));
    if (time >= sleep_policy::window_max)
      look();
    std::unique_lock guard{mutex_};
    return over_ || sleeper::of_this_thread().sleep(
                        [&] { return changed_.wait_for(guard, time, [this] { return over_; }); });
  }

  T take() {
    if (auto* driver = thread_driver::current();
        driver && !driver->drive_until([this] { return over(); }, std::nullopt))
      return operation_result<T>::failed(stuck());
    look();
    std::unique_lock guard{mutex_};
    if (!over_)
      sleeper::of_this_thread().sleep([&] {
        changed_.wait(guard, [this] { return over_; });
        return true;
      });
    return std::move(*value_);
  }

  void expire_after(std::chrono::milliseconds delay) {
    if (clock_)
      call_after(clock_, delay, [weak = this->weak_from_this()] {
        if (auto self = weak.lock())
          self->complete(operation_result<T>::failed(timed_out()));
      });
  }

  void stop_with(const std::stop_token& token) {
    stop_.emplace(token, on_stop{this->weak_from_this()});
  }

  std::atomic<std::uint32_t> promises{0}; ///< that may still complete it

private:
  struct on_stop {
    std::weak_ptr<operation_state> state;
    void operator()() const {
      if (auto self = state.lock())
        self->complete(operation_result<T>::failed(cancelled()));
    }
  };

  bool is_ready() const noexcept { return ready_.load(std::memory_order_acquire); }

  void look() const noexcept {
    if (!is_ready())
      sleeper::of_this_thread().look([this] { return is_ready(); });
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<T> value_;
  std::function<void(T)> then_;
  actor_handle clock_;
  std::optional<std::stop_callback<on_stop>> stop_;
  bool over_ = false;
  std::atomic<bool> ready_{false}; ///< follows `over_`, to be looked at without the mutex
};

/// Something that a client was asked to do. It is under way already; what to do with this object is
/// the caller's choice, once, and empties it: wait for the result (`get`), have it told (`then`), `co_await` it, or
/// drop the object and take no interest.
template <class T>
class operation {
public:
  explicit operation(std::shared_ptr<operation_state<T>> state) noexcept
      : state_(std::move(state)) {}

  /// One that is over.
  static operation finished(T value) {
    auto state = std::make_shared<operation_state<T>>();
    state->complete(std::move(value));
    return operation{std::move(state)};
  }

  operation(operation&&) noexcept = default;
  operation& operator=(operation&&) noexcept = default;
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;

  /// Blocks until the result is there. Inside a handler it does not, unless the result is there
  /// already, but returns a failure with `ending::would_block`; the operation goes on.
  T get() {
    if (handler_scope::active() && !state_->over())
      return operation_result<T>::failed(would_block());
    return std::exchange(state_, nullptr)->take();
  }

  /// Blocks until the result is there, at most for `time`. @returns whether it is: then `get` does
  /// not block. Inside a handler it returns at once
  template <class Rep, class Period>
  bool wait_for(std::chrono::duration<Rep, Period> time) const {
    return handler_scope::active() ? state_->over() : state_->wait_for(time);
  }

  bool ready() const { return state_->over(); }

  /// Calls `callback` with the result, on the client's actor, where it must not block; or here and
  /// now if the result is there already.
  void then(std::function<void(T)> callback) {
    std::exchange(state_, nullptr)->then(std::move(callback));
  }

  /// Fails with `ending::timed_out` if there is no result within `time`, by the clock of the
  /// client's actor system. What was sent is sent: only the waiting ends.
  operation within(std::chrono::milliseconds time) && {
    state_->expire_after(time);
    return std::move(*this);
  }

  /// Fails with `ending::cancelled` as soon as a stop is requested. Only the waiting ends.
  operation until(const std::stop_token& token) && {
    state_->stop_with(token);
    return std::move(*this);
  }

  /// `co_await` gives the result. The coroutine goes on where handlers run, and must not block.
  auto operator co_await() {
    struct awaiter {
      std::shared_ptr<operation_state<T>> state;
      std::optional<T> result;

      bool await_ready() {
        if (!state->over())
          return false;
        result.emplace(state->take());
        return true;
      }
      void await_suspend(std::coroutine_handle<> waiting) {
        // The state is moved: the coroutine, and this object with it, may be gone before the call
        // below returns.
        auto keep = std::move(state);
        keep->then([this, waiting](T value) {
          result.emplace(std::move(value));
          waiting.resume();
        });
      }
      T await_resume() { return std::move(*result); }
    };
    return awaiter{std::exchange(state_, nullptr), std::nullopt};
  }

private:
  std::shared_ptr<operation_state<T>> state_;
};

/// The side that completes an operation. When the last copy goes without having done so, the
/// operation fails: whoever was to answer is gone.
template <class T>
class operation_promise {
public:
  /// @param clock a client's actor, for `operation::within`
  explicit operation_promise(actor_handle clock = {})
      : state_(std::make_shared<operation_state<T>>(std::move(clock))) {
    state_->promises.store(1, std::memory_order_relaxed);
  }
  operation_promise(const operation_promise& other) noexcept : state_(other.state_) {
    if (state_)
      state_->promises.fetch_add(1, std::memory_order_relaxed);
  }
  operation_promise(operation_promise&&) noexcept = default;
  operation_promise& operator=(operation_promise other) noexcept {
    state_.swap(other.state_);
    return *this;
  }
  ~operation_promise() {
    if (state_ && state_->promises.fetch_sub(1, std::memory_order_acq_rel) == 1)
      state_->complete(
          operation_result<T>::failed({protocol::reason_code::server_unavailable, "disconnected"}));
  }

  operation<T> get_operation() const { return operation<T>{state_}; }

  /// @returns false if it was over before; `value` is then left as it is
  bool complete(T&& value) const { return state_->complete(std::move(value)); }

  bool over() const { return state_->over(); }

  /// Whether there is somebody to get the result: who dropped the operation wants none.
  bool is_awaited() const {
    return !over() && (state_.use_count() > state_->promises.load() || state_->has_callback());
  }

  /// As a `completion`.
  void operator()(T value) const { state_->complete(std::move(value)); }

private:
  std::shared_ptr<operation_state<T>> state_;
};

} // namespace actorbus
