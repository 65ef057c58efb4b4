#pragma once

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

namespace actorbus {

/// A first-in first-out queue in one block that grows by doubling and is given back when it runs
/// empty: idle sessions hold none. (std::deque takes 576 bytes before its first element.)
template <class T>
class ring_queue {
public:
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }

  void push_back(T value) {
    if (size_ == slots_.size())
      grow();
    slots_[(first_ + size_) & (slots_.size() - 1)] = std::move(value);
    ++size_;
  }

  void push_front(T value) {
    if (size_ == slots_.size())
      grow();
    first_ = (first_ - 1) & (slots_.size() - 1);
    slots_[first_] = std::move(value);
    ++size_;
  }

  /// @pre `!empty()`
  T& front() noexcept { return slots_[first_]; }

  /// @param index from the front. @pre less than `size()`
  T& operator[](std::size_t index) noexcept {
    return slots_[(first_ + index) & (slots_.size() - 1)];
  }

  /// @pre `!empty()`
  T pop_front() {
    assert(size_ > 0);
    auto value = std::move(slots_[first_]);
    slots_[first_] = T{};
    first_ = (first_ + 1) & (slots_.size() - 1);
    if (--size_ == 0 && slots_.size() > 64)
      clear();
    return value;
  }

  void clear() noexcept {
    slots_ = std::vector<T>{};
    first_ = size_ = 0;
  }

private:
  void grow() {
    std::vector<T> wider(slots_.empty() ? 8 : slots_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i)
      wider[i] = std::move(slots_[(first_ + i) & (slots_.size() - 1)]);
    slots_ = std::move(wider);
    first_ = 0;
  }

  std::vector<T> slots_; ///< a power of two, or none
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

} // namespace actorbus
