#include <actorbus/actors/route_cache.hpp>

#include <algorithm>
#include <utility>

#include <actorbus/actors/level_hash.hpp>

namespace actorbus {

namespace {

std::uint64_t hash_of(std::string_view topic) noexcept {
  return level_hash(topic, 0); // topics that collide replace one another, no worse
}

std::uint32_t tag_of(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash >> 32);
}

std::size_t size_bytes(const cached_route& of) noexcept {
  auto bytes = [](const auto& list) { return list.capacity() * sizeof(list[0]); };
  auto total = sizeof(cached_route) + of.topic.capacity() + bytes(of.value.receivers) +
               bytes(of.value.identifiers) + bytes(of.value.groups);
  for (const auto& group : of.value.groups)
    total += sizeof(shared_group) + bytes(group->members) + bytes(group->identifiers);
  return total;
}

} // namespace

route_cache& route_cache::of_this_thread() noexcept {
  thread_local route_cache cache;
  return cache;
}

route_cache::~route_cache() {
  free_replaced();
}

const route* route_cache::insert(std::unique_ptr<cached_route> added) {
  if (sets_.empty())
    sets_.resize(sets);
  auto added_bytes = size_bytes(*added);
  if (bytes_ + added_bytes > bytes_max)
    for (auto& each : sets_)
      for (auto& old : each.routes)
        replace(std::move(old));
  bytes_ += added_bytes;
  last_ = added.get();

  auto hash = hash_of(added->topic);
  auto& place = sets_[hash % sets];
  // The youngest comes first; the old one of the topic goes, or else the eldest.
  std::size_t way = 0;
  while (way < ways - 1 && place.routes[way] &&
         !place.routes[way]->is_for(added->router, added->topic))
    ++way;
  replace(std::move(place.routes[way]));
  for (; way > 0; --way) {
    place.tags[way] = place.tags[way - 1];
    place.routes[way] = std::move(place.routes[way - 1]);
  }
  place.tags[0] = tag_of(hash);
  place.routes[0] = std::move(added);
  return &last_->value;
}

const route* route_cache::find_in_sets(std::uint64_t router, const write_versions& versions,
                                       std::string_view topic) noexcept {
  if (sets_.empty())
    return nullptr;
  auto hash = hash_of(topic);
  auto& place = sets_[hash % sets];
  for (std::size_t way = 0; way < ways; ++way) {
    auto* each = place.routes[way].get();
    if (!each || place.tags[way] != tag_of(hash) || !each->is_for(router, topic))
      continue;
    if (!each->is_current(versions))
      return nullptr;
    last_ = each;
    return &each->value;
  }
  return nullptr;
}

void route_cache::replace(std::unique_ptr<cached_route> old) noexcept {
  if (!old)
    return;
  bytes_ -= size_bytes(*old);
  if (last_ == old.get())
    last_ = nullptr;
  old->next = std::move(replaced_);
  replaced_ = std::move(old);
}

void route_cache::free_replaced() noexcept {
  while (replaced_) // one by one: a list that frees itself would recurse
    replaced_ = std::move(replaced_->next);
}

} // namespace actorbus
