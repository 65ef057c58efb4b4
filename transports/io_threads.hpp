#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include <actorbus/transports/io_thread.hpp>

namespace actorbus::transports {

/// The I/O threads of a process, which take turns at getting connections.
class io_threads {
public:
  /// Starts the threads.
  /// @param count at least 1; more than there are cores only costs
  io_threads(caf::actor_system& system, std::size_t count);

  /// Stops them. @pre the actors homed on them are done
  ~io_threads();

  void stop();

  io_thread& next() noexcept {
    return *threads_[turn_.fetch_add(1, std::memory_order_relaxed) % threads_.size()];
  }

  std::size_t size() const noexcept { return threads_.size(); }
  io_thread& operator[](std::size_t index) noexcept { return *threads_[index]; }

  /// Asks every thread for a sign of life, which none that is stuck can give. From one thread.
  /// @returns whether all have answered the call before this one
  bool ask_for_life();

  /// Lets all deadlines on all threads come now.
  void hurry();

private:
  std::vector<std::unique_ptr<io_thread>> threads_;
  std::atomic<std::size_t> turn_{0};
  std::shared_ptr<std::atomic<std::size_t>> signs_; ///< how many have answered the last call
};

} // namespace actorbus::transports
