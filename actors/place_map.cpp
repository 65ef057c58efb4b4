#include <actorbus/actors/place_map.hpp>

#include <bit>
#include <new>

#include <actorbus/actors/tree_node.hpp>

namespace actorbus {

tree_place* place_map::find(std::string_view name, std::uint32_t hash) const noexcept {
  auto found = content_.load();
  if (found.is_none())
    return nullptr;
  auto is_it = [=](const tree_place& place) { return place.hash == hash && place.name() == name; };
  if (!found.is_many())
    return is_it(*found.one()) ? found.one() : nullptr;
  auto& places = *found.many();
  auto mask = places.capacity - 1;
  for (auto i = hash & mask;; i = (i + 1) & mask) {
    auto* place = places.slots()[i].load(std::memory_order_acquire);
    if (!place)
      return nullptr;
    if (place != removed_mark() && is_it(*place))
      return place;
  }
}

void place_map::insert(tree_place& added, retire_list& retired) {
  auto present = content_.load_own();
  if (present.is_none()) {
    content_.store(&added);
    return;
  }
  if (!present.is_many()) {
    auto* made = make_table(2);
    put(*made, *present.one());
    put(*made, added);
    content_.store(made);
    return;
  }
  auto* places = present.many();
  if ((places->used + 1) * 4ull > places->capacity * 3ull)
    places = &rebuild(*places, places->live + 1, retired);
  put(*places, added);
}

void place_map::erase(const tree_place& removed, retire_list& retired) {
  auto present = content_.load_own();
  if (!present.is_many()) {
    content_.clear();
    return;
  }
  auto& places = *present.many();
  auto mask = places.capacity - 1;
  auto i = removed.hash & mask;
  while (places.slots()[i].load(std::memory_order_relaxed) != &removed)
    i = (i + 1) & mask;
  places.slots()[i].store(removed_mark(), std::memory_order_release);
  --places.live;
  if (places.live == 1) {
    for_each([this](tree_place& left) { content_.store(&left); });
    retired.retire(&places, places.bytes());
  } else if (places.live < places.capacity / 8) {
    rebuild(places, places.live, retired);
  }
}

void place_map::destroy() noexcept {
  auto present = content_.load_own();
  if (present.is_many())
    ::operator delete(present.many());
  content_.clear();
}

// Nothing is read from it: its address is all that counts.
tree_place* place_map::removed_mark() noexcept {
  alignas(tree_place) static char mark[sizeof(tree_place)];
  return reinterpret_cast<tree_place*>(mark);
}

// Makes an empty table that is at most two thirds full with `live` places.
place_map::table* place_map::make_table(std::uint32_t live) {
  auto capacity = std::bit_ceil(live + live / 2 + 1);
  auto* memory = ::operator new(table::header_bytes + capacity * sizeof(table::slot));
  auto* made = new (memory) table{capacity, 0, 0};
  for (std::uint32_t i = 0; i < capacity; ++i)
    new (made->slots() + i) table::slot{nullptr};
  return made;
}

void place_map::put(table& into, tree_place& added) noexcept {
  auto mask = into.capacity - 1;
  auto i = added.hash & mask;
  auto* slot = into.slots()[i].load(std::memory_order_relaxed);
  while (is_place(slot)) {
    i = (i + 1) & mask;
    slot = into.slots()[i].load(std::memory_order_relaxed);
  }
  into.slots()[i].store(&added, std::memory_order_release);
  ++into.live;
  if (!slot)
    ++into.used;
}

place_map::table& place_map::rebuild(table& old, std::uint32_t live, retire_list& retired) {
  auto* made = make_table(live);
  for (std::uint32_t i = 0; i < old.capacity; ++i)
    if (auto* place = old.slots()[i].load(std::memory_order_relaxed); is_place(place))
      put(*made, *place);
  content_.store(made);
  retired.retire(&old, old.bytes());
  return *made;
}

} // namespace actorbus
