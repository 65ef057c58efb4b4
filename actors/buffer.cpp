#include <actorbus/actors/buffer.hpp>

#include <new>

namespace actorbus {

buffer_ptr buffer::make(std::size_t capacity, credit_account_ptr payer) {
  auto* memory = ::operator new(sizeof(buffer) + capacity);
  if (payer)
    payer->charge(capacity);
  return buffer_ptr{new (memory) buffer{capacity, std::move(payer)}};
}

void buffer::destroy(buffer* self) noexcept {
  auto payer = self->charged_.load(std::memory_order_acquire) ? std::move(self->payer_) : nullptr;
  auto capacity = self->capacity_;
  self->~buffer();
  ::operator delete(self);
  if (payer)
    payer->refund(capacity);
}

} // namespace actorbus
