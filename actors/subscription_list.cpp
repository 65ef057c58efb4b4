#include <actorbus/actors/subscription_list.hpp>

#include <cassert>
#include <new>

namespace actorbus {

namespace {

constexpr std::uint32_t first_capacity = 4;

} // namespace

std::uint32_t pack_options(const subscription_options& options) noexcept {
  assert(options.identifier <= protocol::variable_byte_integer_max);
  return options.identifier << 4 | (options.retain_as_published ? 8u : 0u) |
         (options.no_local ? 4u : 0u) | static_cast<std::uint32_t>(options.maximum_qos);
}

subscription_options unpack_options(std::uint32_t packed) noexcept {
  subscription_options options;
  options.maximum_qos = static_cast<protocol::qos>(packed & 3u);
  options.no_local = (packed & 4u) != 0;
  options.retain_as_published = (packed & 8u) != 0;
  options.identifier = packed >> 4;
  return options;
}

void subscription_list::add(tree_subscription& added, retire_list& retired) {
  auto present = content_.load_own();
  if (present.is_none()) {
    added.index = 0;
    content_.store(&added);
    return;
  }
  if (!present.is_many()) {
    auto* items = make_block(first_capacity);
    added.index = 1;
    items->slots()[0].store(present.one(), std::memory_order_relaxed);
    items->slots()[1].store(&added, std::memory_order_relaxed);
    items->count.store(2, std::memory_order_relaxed);
    content_.store(items);
    return;
  }
  auto* items = present.many();
  auto count = items->count.load(std::memory_order_relaxed);
  if (count == items->capacity)
    items = &resize(*items, items->capacity * 2, retired);
  added.index = count;
  items->slots()[count].store(&added, std::memory_order_release);
  items->count.store(count + 1, std::memory_order_release);
}

void subscription_list::remove(tree_subscription& removed, retire_list& retired) {
  auto present = content_.load_own();
  if (!present.is_many()) {
    assert(present.one() == &removed);
    content_.clear();
    return;
  }
  auto* items = present.many();
  auto last = items->count.load(std::memory_order_relaxed) - 1;
  auto* moved = items->slots()[last].load(std::memory_order_relaxed);
  items->slots()[removed.index].store(moved, std::memory_order_release);
  moved->index = removed.index;
  items->count.store(last, std::memory_order_release);
  if (last == 1) {
    content_.store(items->slots()[0].load(std::memory_order_relaxed));
    retired.retire(items, items->bytes());
  } else if (last >= first_capacity && last < items->capacity / 4) {
    resize(*items, items->capacity / 2, retired);
  }
}

void subscription_list::destroy() noexcept {
  auto present = content_.load_own();
  if (present.is_many())
    ::operator delete(present.many());
  content_.clear();
}

subscription_list::block* subscription_list::make_block(std::uint32_t capacity) {
  auto* memory = ::operator new(sizeof(block) + capacity * sizeof(block::slot));
  auto* made = new (memory) block{capacity, {0}};
  for (std::uint32_t i = 0; i < capacity; ++i)
    new (made->slots() + i) block::slot{nullptr};
  return made;
}

subscription_list::block& subscription_list::resize(block& old, std::uint32_t capacity,
                                                    retire_list& retired) {
  auto* made = make_block(capacity);
  auto count = old.count.load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < count; ++i)
    made->slots()[i].store(old.slots()[i].load(std::memory_order_relaxed),
                           std::memory_order_relaxed);
  made->count.store(count, std::memory_order_relaxed);
  content_.store(made);
  retired.retire(&old, old.bytes());
  return *made;
}

} // namespace actorbus
