#pragma once

#include <atomic>
#include <cstdint>

namespace actorbus {

/// Points to one `One`, to a `Many` that holds several, or to nothing, in the space of a single
/// pointer. What a reader finds behind it was written before it was stored.
template <class One, class Many>
class one_or_many {
public:
  /// What it pointed to at one moment.
  class target {
  public:
    explicit target(char* word) noexcept : word_(word) {}

    bool is_none() const noexcept { return word_ == nullptr; }
    bool is_many() const noexcept { return (reinterpret_cast<std::uintptr_t>(word_) & 1) != 0; }
    One* one() const noexcept { return reinterpret_cast<One*>(word_); }        ///< @pre neither
    Many* many() const noexcept { return reinterpret_cast<Many*>(word_ - 1); } ///< @pre is_many()

  private:
    char* word_;
  };

  /// For readers.
  target load() const noexcept { return target{word_.load(std::memory_order_acquire)}; }

  /// For the writer, who knows what it stored itself.
  target load_own() const noexcept { return target{word_.load(std::memory_order_relaxed)}; }

  void store(One* one) noexcept {
    word_.store(reinterpret_cast<char*>(one), std::memory_order_release);
  }
  void store(Many* many) noexcept {
    word_.store(reinterpret_cast<char*>(many) + 1, std::memory_order_release);
  }
  void clear() noexcept { word_.store(nullptr, std::memory_order_release); }

private:
  std::atomic<char*> word_{nullptr}; ///< the lowest bit is set for a `Many`
};

} // namespace actorbus
