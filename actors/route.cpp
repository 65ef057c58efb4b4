#include <actorbus/actors/route.hpp>

#include <cstddef>

namespace actorbus {

const receiver* shared_group::choose() const noexcept {
  if (members.empty())
    return nullptr;
  std::size_t turn = turn_->fetch_add(1, std::memory_order_relaxed);
  for (std::uint32_t passed = 0; passed < members.size(); ++passed) {
    const auto& next = members[(turn + passed) % members.size()];
    if (!next.to->online.load(std::memory_order_relaxed))
      continue;
    // Those that were passed over have had their turn; so the others share it evenly.
    if (passed != 0)
      turn_->fetch_add(passed, std::memory_order_relaxed);
    return &next;
  }
  return &members[turn % members.size()];
}

} // namespace actorbus
