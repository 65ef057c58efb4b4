#include <actorbus/actors/buffer.hpp>

#include <new>

namespace actorbus {

buffer_ptr buffer::make(std::size_t capacity, credit_account_ptr payer) {
  auto* memory = ::operator new(sizeof(buffer) + capacity);
  if (payer)
    payer->charge(capacity);
  return buffer_ptr{new (memory) buffer{capacity, std::move(payer)}, false};
}

void buffer::destroy(buffer* self) noexcept {
  auto payer = std::move(self->payer_);
  auto capacity = self->capacity_;
  self->~buffer();
  ::operator delete(self);
  if (payer)
    payer->refund(capacity);
}

} // namespace actorbus
