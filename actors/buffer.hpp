#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <actorbus/actors/counted_ptr.hpp>
#include <actorbus/actors/credit.hpp>
#include <actorbus/protocol/bytes.hpp>

namespace actorbus {

class buffer;
using buffer_ptr = counted_ptr<buffer>;

/// A block of bytes that is written once by whoever made it and read by everyone after it was
/// sent. Shared by counting references; one allocation; the last reference refunds its bytes to
/// the account that was charged for it.
class buffer {
public:
  /// @param capacity bytes; what the account is charged with
  /// @param payer    may be null: nobody is charged
  static buffer_ptr make(std::size_t capacity, credit_account_ptr payer = nullptr);

  buffer(const buffer&) = delete;
  buffer& operator=(const buffer&) = delete;

  std::uint8_t* data() noexcept { return reinterpret_cast<std::uint8_t*>(this + 1); }
  const std::uint8_t* data() const noexcept {
    return reinterpret_cast<const std::uint8_t*>(this + 1);
  }
  std::size_t capacity() const noexcept { return capacity_; }

  /// Charges the account of whoever turned out to be the producer.
  /// @pre nobody was charged yet, and no other thread has a reference
  void charge_to(credit_account_ptr payer) {
    payer->charge(capacity_);
    payer_ = std::move(payer);
    charged_.store(true, std::memory_order_relaxed);
  }

  /// Whether nobody else holds a reference, so that its bytes may be written again.
  bool unique() const noexcept { return references_.load(std::memory_order_acquire) == 1; }

  /// Refunds the payer now: somebody keeps the bytes for good, within a limit of their own. Any
  /// thread; has an effect once.
  void discharge() noexcept {
    if (charged_.exchange(false, std::memory_order_acq_rel))
      payer_->refund(capacity_);
  }

  friend void intrusive_ptr_add_ref(buffer* self) noexcept {
    self->references_.fetch_add(1, std::memory_order_relaxed);
  }
  friend void intrusive_ptr_release(buffer* self) noexcept {
    if (self->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
      destroy(self);
  }

private:
  buffer(std::size_t capacity, credit_account_ptr payer) noexcept
      : charged_(payer != nullptr), capacity_(capacity), payer_(std::move(payer)) {}
  ~buffer() = default;

  static void destroy(buffer* self) noexcept;

  std::atomic<std::uint32_t> references_{1};
  std::atomic<bool> charged_;
  std::size_t capacity_;
  credit_account_ptr payer_;
};

/// One or more whole encoded MQTT packets: what channels carry. Immutable once sent.
struct frame {
  buffer_ptr bytes;
  std::uint32_t offset = 0; ///< of the first packet, in bytes
  std::uint32_t size = 0;   ///< of all packets, in bytes
  /// From channel to session `session_opened::link`, the other way `channel_info::attempt`.
  std::uint32_t link = 0;

  protocol::byte_view view() const noexcept { return {bytes->data() + offset, size}; }
};

} // namespace actorbus
