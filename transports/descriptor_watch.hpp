#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <caf/actor_control_block.hpp>

#include <actorbus/transports/io_thread.hpp>

namespace actorbus::transports {

/// A file descriptor of which an actor wants to know when it may be read or written. Owns it.
class descriptor_watch {
public:
  /// Registers `descriptor` with the calling I/O thread.
  descriptor_watch(io_thread& thread, int descriptor)
      : descriptor_(thread.context().get_executor(), descriptor) {}

  int native() noexcept { return descriptor_.native_handle(); }

  /// Calls `then()` on the I/O thread as soon as the descriptor may be read; also when it is
  /// closed before. Allocates nothing: a wait that lasts for hours is the usual case.
  template <class F>
  void wait_readable(caf::strong_actor_ptr owner, F then) {
    descriptor_.async_wait(descriptor_.wait_read,
                           handler<F>{std::move(owner), std::move(then), &memory_});
  }

  template <class F>
  void wait_writable(caf::strong_actor_ptr owner, F then) {
    descriptor_.async_wait(descriptor_.wait_write,
                           handler<F>{std::move(owner), std::move(then), nullptr});
  }

  /// Gives the descriptor up, open. @pre nothing is waited for
  int release() { return descriptor_.release(); }

  void close() noexcept {
    boost::system::error_code ignored;
    descriptor_.close(ignored);
  }

private:
  struct slot {
    alignas(std::max_align_t) std::array<std::byte, 112> bytes;
    bool taken = false;
  };

  /// Serves one operation from `memory`, others from the heap.
  template <class T>
  struct slot_allocator {
    using value_type = T;

    slot* memory = nullptr;

    explicit slot_allocator(slot* from) noexcept : memory(from) {}
    template <class U>
    slot_allocator(const slot_allocator<U>& other) noexcept : memory(other.memory) {}

    T* allocate(std::size_t count) {
      auto size = count * sizeof(T);
      if (!memory || memory->taken || size > memory->bytes.size())
        return static_cast<T*>(::operator new(size));
      memory->taken = true;
      return reinterpret_cast<T*>(memory->bytes.data());
    }

    void deallocate(T* block, std::size_t) noexcept {
      if (memory && reinterpret_cast<std::byte*>(block) == memory->bytes.data())
        memory->taken = false;
      else
        ::operator delete(block);
    }

    template <class U>
    bool operator==(const slot_allocator<U>& other) const noexcept {
      return memory == other.memory;
    }
  };

  template <class F>
  struct handler {
    using allocator_type = slot_allocator<void*>;

    caf::strong_actor_ptr owner; ///< keeps the actor alive until the call
    F then;
    slot* memory;

    allocator_type get_allocator() const noexcept { return allocator_type{memory}; }
    void operator()(const boost::system::error_code&) { then(); }
  };

  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> descriptor_;
  slot memory_;
};

} // namespace actorbus::transports
