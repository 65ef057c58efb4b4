#include <actorbus/actors/demand_watches.hpp>

#include <algorithm>
#include <utility>

#include <actorbus/protocol/topic.hpp>

namespace actorbus {

void demand_watches::forget(const caf::actor_addr& watcher) {
  std::erase_if(watches_,
                [&](const watch_entry& each) { return each.request.watcher.address() == watcher; });
}

bool demand_watches::concerns(const watch_entry& watch, std::string_view filter,
                              std::string_view client_id) {
  return watch.request.except != client_id &&
         std::any_of(watch.request.filters.begin(), watch.request.filters.end(),
                     [&](const auto& each) { return protocol::overlap(each, filter); });
}

void demand_watches::add(watch_entry& watch, std::string_view filter, std::string_view client_id) {
  auto inner = protocol::split_share(filter).filter;
  if (concerns(watch, inner, client_id) && ++watch.wanted[std::string{inner}] == 1 &&
      std::erase(watch.news.ended, inner) == 0)
    watch.news.begun.emplace_back(inner);
}

void demand_watches::add(std::string_view filter, std::string_view client_id) {
  for (auto& each : watches_)
    add(each, filter, client_id);
}

void demand_watches::remove(std::string_view filter, std::string_view client_id) {
  auto inner = protocol::split_share(filter).filter;
  for (auto& each : watches_) {
    auto found = each.wanted.find(std::string{inner});
    if (!concerns(each, inner, client_id) || found == each.wanted.end() || --found->second != 0)
      continue;
    each.wanted.erase(found);
    if (std::erase(each.news.begun, inner) == 0)
      each.news.ended.emplace_back(inner);
  }
}

} // namespace actorbus
