#pragma once

#include <cassert>
#include <type_traits>
#include <utility>
#include <variant>

namespace actorbus::protocol {

/// Wraps an error so that it converts to a failed `expected`.
template <class E>
struct unexpected {
  E error;
};

template <class E>
unexpected(E) -> unexpected<E>;

/// A value or the reason why there is none. The standard's type arrives with C++23; this is the
/// part of it that the protocol room needs, so that clang 14 and GCC 12 both take it.
template <class T, class E>
class [[nodiscard]] expected {
public:
  using value_type = T;
  using error_type = E;

  template <class U = T>
    requires(std::is_constructible_v<T, U&&> && !std::is_same_v<std::decay_t<U>, expected>)
  expected(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}

  template <class F>
  expected(unexpected<F> failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// @pre `has_value()`
  T& operator*() noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const noexcept { return *std::get_if<0>(&state_); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  /// @pre `!has_value()`
  const E& error() const noexcept {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }

private:
  std::variant<T, E> state_;
};

/// Success without a value, or an error.
template <class E>
class [[nodiscard]] expected<void, E> {
public:
  using value_type = void;
  using error_type = E;

  expected() = default;

  template <class F>
  expected(unexpected<F> failure) : failed_(true), error_(std::move(failure.error)) {}

  bool has_value() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return !failed_; }

  /// @pre `!has_value()`
  const E& error() const noexcept {
    assert(failed_);
    return error_;
  }

private:
  bool failed_ = false;
  E error_{};
};

} // namespace actorbus::protocol
