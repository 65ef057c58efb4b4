#include <actorbus/actors/publication.hpp>

#include <algorithm>
#include <new>
#include <type_traits>

namespace actorbus {

static_assert(std::is_trivially_destructible_v<publication>);
static_assert(alignof(publication) <= alignof(publication_batch));

publication_batch_ptr publication_batch::make(std::size_t capacity) {
  auto* memory = ::operator new(sizeof(publication_batch) + capacity * sizeof(publication));
  return publication_batch_ptr{new (memory) publication_batch{capacity}};
}

publication_batch_ptr publication_batch::grown(publication_batch_ptr full) {
  auto wider = make(full->size_ * std::size_t{2});
  wider->source = std::move(full->source);
  wider->topics = std::move(full->topics);
  wider->version = full->version;
  wider->publisher = full->publisher;
  wider->received = full->received;
  std::copy_n(full->data(), full->size_, wider->data());
  wider->size_ = full->size_;
  return wider;
}

void publication_batch::destroy(publication_batch* self) noexcept {
  self->~publication_batch();
  ::operator delete(self);
}

} // namespace actorbus
