#include <actorbus/actors/subscriber_index.hpp>

#include <cstdint>

namespace actorbus {

tree_subscription* subscription_set::find(const tree_place* place) const noexcept {
  return slots_.empty() ? nullptr : slots_[slot_of(place)];
}

void subscription_set::insert(tree_subscription* added) {
  if ((count_ + 1) * 4 > slots_.size() * 3)
    grow();
  slots_[slot_of(added->place)] = added;
  ++count_;
}

void subscription_set::erase(const tree_subscription* removed) noexcept {
  auto mask = slots_.size() - 1;
  auto hole = slot_of(removed->place);
  slots_[hole] = nullptr;
  --count_;
  // What was pushed behind the hole by it moves up: each is put anew.
  for (auto i = (hole + 1) & mask; slots_[i]; i = (i + 1) & mask) {
    auto* moved = std::exchange(slots_[i], nullptr);
    slots_[slot_of(moved->place)] = moved;
  }
}

// Where the subscription at `place` is, or where it belongs.
std::size_t subscription_set::slot_of(const tree_place* place) const noexcept {
  auto mask = slots_.size() - 1;
  auto mixed = (reinterpret_cast<std::uintptr_t>(place) >> 4) * 0x9E3779B97F4A7C15u;
  auto i = (mixed >> 32) & mask;
  while (slots_[i] && slots_[i]->place != place)
    i = (i + 1) & mask;
  return i;
}

void subscription_set::grow() {
  std::vector<tree_subscription*> old(slots_.empty() ? 2 : slots_.size() * 2);
  old.swap(slots_);
  for (auto* each : old)
    if (each)
      slots_[slot_of(each->place)] = each;
}

} // namespace actorbus
