#pragma once

#include <cstddef>
#include <utility>

namespace actorbus {

/// A reference to an object that counts its references itself, by the functions
/// `intrusive_ptr_add_ref` and `intrusive_ptr_release` of its namespace.
template <class T>
class counted_ptr {
public:
  counted_ptr() noexcept = default;
  counted_ptr(std::nullptr_t) noexcept {}
  /// @param adopted counts this reference already
  explicit counted_ptr(T* adopted) noexcept : target_(adopted) {}
  counted_ptr(const counted_ptr& other) noexcept : target_(other.target_) {
    if (target_)
      intrusive_ptr_add_ref(target_);
  }
  counted_ptr(counted_ptr&& other) noexcept : target_(std::exchange(other.target_, nullptr)) {}
  counted_ptr& operator=(counted_ptr other) noexcept {
    std::swap(target_, other.target_);
    return *this;
  }
  ~counted_ptr() {
    if (target_)
      intrusive_ptr_release(target_);
  }

  void reset() noexcept { *this = nullptr; }

  T* get() const noexcept { return target_; }
  T* operator->() const noexcept { return target_; }
  T& operator*() const noexcept { return *target_; }
  explicit operator bool() const noexcept { return target_ != nullptr; }
  bool operator==(const counted_ptr&) const noexcept = default;

private:
  T* target_ = nullptr;
};

} // namespace actorbus
