#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <actorbus/actors/subscription.hpp>

namespace actorbus {

/// What the routing table's writer has unlinked and readers may still see. It is freed in batches,
/// each after one grace period: once every `routing_guard` that was there when it began is gone.
/// The writer waits for that, which readers never do. Writer only.
class retire_list {
public:
  retire_list() = default;
  ~retire_list(); ///< frees all. @pre no reader is left
  retire_list(const retire_list&) = delete;
  retire_list& operator=(const retire_list&) = delete;

  /// Takes over memory from `operator new` whose object needs no destructor.
  void retire(void* memory, std::size_t bytes) {
    memory_.push_back(memory);
    bytes_ += bytes;
  }

  void retire(std::shared_ptr<subscriber> who) { subscribers_.push_back(std::move(who)); }

  /// Frees all if enough has come together to be worth a grace period.
  /// @pre everything retired is unlinked, and the write version has moved on since
  void collect_if_due() {
    if (memory_.size() + subscribers_.size() >= objects_max || bytes_ >= bytes_max)
      collect();
  }

  /// Frees all now. Does nothing while this thread holds a `routing_guard`: it would wait for
  /// itself.
  void collect();

private:
  static constexpr std::size_t objects_max = 1024;
  static constexpr std::size_t bytes_max = 1024 * 1024;

  void free_all() noexcept;

  std::vector<void*> memory_;
  std::vector<std::shared_ptr<subscriber>> subscribers_;
  std::size_t bytes_ = 0;
};

} // namespace actorbus
