#include <actorbus/actors/place_map.hpp>

#include <bit>
#include <new>

#include <actorbus/actors/tree_node.hpp>

namespace actorbus {

namespace {

std::uintptr_t to_word(const tree_place& place) noexcept {
  return reinterpret_cast<std::uintptr_t>(&place);
}

} // namespace

tree_place* place_map::find(std::string_view name, std::uint32_t hash) const noexcept {
  auto word = word_.load(std::memory_order_acquire);
  auto is_it = [=](const tree_place& place) { return place.hash == hash && place.name() == name; };
  if (!is_table(word))
    return word != 0 && is_it(*to_place(word)) ? to_place(word) : nullptr;
  auto& content = *to_table(word);
  auto mask = content.capacity - 1;
  for (auto i = hash & mask;; i = (i + 1) & mask) {
    auto slot = content.slots()[i].load(std::memory_order_acquire);
    if (slot == 0)
      return nullptr;
    if (slot != removed_mark && is_it(*to_place(slot)))
      return to_place(slot);
  }
}

void place_map::insert(tree_place& added, retire_list& retired) {
  auto word = word_.load(std::memory_order_relaxed);
  if (word == 0) {
    word_.store(to_word(added), std::memory_order_release);
    return;
  }
  if (!is_table(word)) {
    auto* made = make_table(2);
    put(*made, *to_place(word));
    put(*made, added);
    word_.store(reinterpret_cast<std::uintptr_t>(made) | 1, std::memory_order_release);
    return;
  }
  auto* content = to_table(word);
  if ((content->used + 1) * 4ull > content->capacity * 3ull)
    content = &rebuild(*content, content->live + 1, retired);
  put(*content, added);
}

void place_map::erase(const tree_place& removed, retire_list& retired) {
  auto word = word_.load(std::memory_order_relaxed);
  if (!is_table(word)) {
    word_.store(0, std::memory_order_release);
    return;
  }
  auto& content = *to_table(word);
  auto mask = content.capacity - 1;
  auto i = removed.hash & mask;
  while (content.slots()[i].load(std::memory_order_relaxed) != to_word(removed))
    i = (i + 1) & mask;
  content.slots()[i].store(removed_mark, std::memory_order_release);
  --content.live;
  if (content.live == 1) {
    for_each([this](tree_place& left) { word_.store(to_word(left), std::memory_order_release); });
    retired.retire(&content, content.bytes());
  } else if (content.live < content.capacity / 8) {
    rebuild(content, content.live, retired);
  }
}

void place_map::destroy() noexcept {
  auto word = word_.load(std::memory_order_relaxed);
  if (is_table(word))
    ::operator delete(to_table(word));
  word_.store(0, std::memory_order_relaxed);
}

// Makes an empty table that is at most two thirds full with `live` places.
place_map::table* place_map::make_table(std::uint32_t live) {
  auto capacity = std::bit_ceil(live + live / 2 + 1);
  auto* memory = ::operator new(table::header_bytes + capacity * sizeof(table::slot));
  auto* made = new (memory) table{capacity, 0, 0};
  for (std::uint32_t i = 0; i < capacity; ++i)
    new (made->slots() + i) table::slot{0};
  return made;
}

void place_map::put(table& into, tree_place& added) noexcept {
  auto mask = into.capacity - 1;
  auto i = added.hash & mask;
  auto slot = into.slots()[i].load(std::memory_order_relaxed);
  while (slot > removed_mark) {
    i = (i + 1) & mask;
    slot = into.slots()[i].load(std::memory_order_relaxed);
  }
  into.slots()[i].store(to_word(added), std::memory_order_release);
  ++into.live;
  if (slot == 0)
    ++into.used;
}

place_map::table& place_map::rebuild(table& old, std::uint32_t live, retire_list& retired) {
  auto* made = make_table(live);
  for (std::uint32_t i = 0; i < old.capacity; ++i)
    if (auto slot = old.slots()[i].load(std::memory_order_relaxed); slot > removed_mark)
      put(*made, *to_place(slot));
  word_.store(reinterpret_cast<std::uintptr_t>(made) | 1, std::memory_order_release);
  retired.retire(&old, old.bytes());
  return *made;
}

} // namespace actorbus
