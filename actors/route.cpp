#include <actorbus/actors/route.hpp>

#include <cstddef>

namespace actorbus {

const receiver* shared_group::choose() const noexcept {
  // A member that is passed over spends its turn; so the others share what it misses evenly.
  const receiver* fallback = nullptr;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto& next = members[turn_->fetch_add(1, std::memory_order_relaxed) % members.size()];
    if (next.to->online.load(std::memory_order_relaxed))
      return &next;
    if (!fallback)
      fallback = &next;
  }
  // Other threads that take turns meanwhile may have hidden a member from this one.
  for (const auto& member : members)
    if (member.to->online.load(std::memory_order_relaxed))
      return &member;
  return fallback;
}

} // namespace actorbus
