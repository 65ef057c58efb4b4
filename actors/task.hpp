#pragma once

#include <condition_variable>
#include <coroutine>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <actorbus/actors/operation.hpp>

namespace actorbus {

template <class T>
class task;

/// What all tasks' promises have in common: who waits, and what was thrown.
class task_promise_base {
public:
  std::suspend_always initial_suspend() noexcept { return {}; }

  auto final_suspend() noexcept {
    struct awaiter {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<>) noexcept { return next; }
      void await_resume() noexcept {}
      std::coroutine_handle<> next;
    };
    return awaiter{next_ ? next_ : std::noop_coroutine()};
  }

  void unhandled_exception() noexcept { thrown_ = std::current_exception(); }

  void continue_with(std::coroutine_handle<> next) noexcept { next_ = next; }

protected:
  void rethrow() const {
    if (thrown_)
      std::rethrow_exception(thrown_);
  }

private:
  std::coroutine_handle<> next_;
  std::exception_ptr thrown_;
};

template <class T>
class task_promise : public task_promise_base {
public:
  task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T result() {
    rethrow();
    return std::move(*value_);
  }

private:
  std::optional<T> value_;
};

template <>
class task_promise<void> : public task_promise_base {
public:
  task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void result() { rethrow(); }
};

/// A coroutine that begins when it is awaited, and gives a `T` or what it threw. Owned by this
/// object: one that was begun has to end before the object does.
template <class T = void>
class [[nodiscard]] task {
public:
  using promise_type = task_promise<T>;

  explicit task(std::coroutine_handle<promise_type> of) noexcept : of_(of) {}
  task(task&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    std::swap(of_, other.of_);
    return *this;
  }
  ~task() {
    if (of_)
      of_.destroy();
  }

  auto operator co_await() noexcept {
    struct awaiter {
      std::coroutine_handle<promise_type> of;
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
        of.promise().continue_with(waiting);
        return of;
      }
      T await_resume() { return of.promise().result(); }
    };
    return awaiter{of_};
  }

private:
  std::coroutine_handle<promise_type> of_;
};

template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
  return task<T>{std::coroutine_handle<task_promise<T>>::from_promise(*this)};
}

inline task<void> task_promise<void>::get_return_object() noexcept {
  return task<void>{std::coroutine_handle<task_promise<void>>::from_promise(*this)};
}

/// A coroutine that nobody waits for: it begins at once and frees itself at its end.
struct detached_task {
  struct promise_type {
    detached_task get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); } // those below catch all
  };
};

/// Begins a task beside the caller.
/// @returns ends with the task; a failure if that threw, with the exception's words
inline operation<outcome> start(task<void> what) {
  operation_promise<outcome> end;
  auto result = end.get_operation();
  [](task<void> body, operation_promise<outcome> tell) -> detached_task {
    outcome came_to;
    try {
      co_await body;
    } catch (const std::exception& error) {
      came_to = {protocol::reason_code::implementation_specific_error, error.what()};
    } catch (...) {
      came_to = {protocol::reason_code::implementation_specific_error, "an unknown exception"};
    }
    tell(std::move(came_to));
  }(std::move(what), std::move(end));
  return result;
}

/// Runs a task from a thread of the program, such as `main`: blocks until the task has ended.
/// @returns its result @throws what it threw; std::logic_error inside a handler, which must not wait
template <class T>
T run(task<T> what) {
  if (handler_scope::active())
    throw std::logic_error{would_block().text};
  struct {
    std::mutex mutex;
    std::condition_variable changed;
    bool over = false;
    std::exception_ptr thrown;
  } end;
  using slot = std::conditional_t<std::is_void_v<T>, bool, T>;
  std::optional<slot> result;
  auto body = [](task<T>& inner, std::optional<slot>& into, auto& at) -> detached_task {
    try {
      if constexpr (std::is_void_v<T>)
        co_await inner;
      else
        into.emplace(co_await inner);
    } catch (...) {
      at.thrown = std::current_exception();
    }
    std::lock_guard guard{at.mutex};
    at.over = true;
    at.changed.notify_all();
  };
  body(what, result, end);
  std::unique_lock guard{end.mutex};
  end.changed.wait(guard, [&] { return end.over; });
  if (end.thrown)
    std::rethrow_exception(end.thrown);
  if constexpr (!std::is_void_v<T>)
    return std::move(*result);
}

} // namespace actorbus
