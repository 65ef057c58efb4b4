#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <actorbus/actors/caf.hpp>

namespace actorbus {

/// Anyone to the broker: tell me which filters are subscribed to that overlap one of these, now
/// and whenever that changes, until I end. Answered by `demand_changed`s.
struct watch_demand {
  caf::actor watcher;
  std::vector<std::string> filters;
  std::string except; ///< a client identifier whose own subscriptions don't count
};

/// Broker to watcher: filters that a first session subscribes to, or that the last one has left.
struct demand_changed {
  std::vector<std::string> begun;
  std::vector<std::string> ended;
};

/// Who wants to know what is subscribed to, and how many sessions subscribe to each filter. Kept by
/// the broker as it writes the routing table, so that the path of a PUBLISH knows nothing of it.
/// Costs nothing while nobody watches.
class demand_watches {
public:
  bool empty() const noexcept { return watches_.empty(); }

  /// In place of an earlier one of the same watcher.
  /// @param present calls what it is given with the filter and the client identifier of each
  ///                subscription that there is already
  template <class Present>
  void watch(watch_demand request, Present&& present) {
    forget(request.watcher.address());
    auto& made = watches_.emplace_back();
    made.request = std::move(request);
    present(
        [&](std::string_view filter, std::string_view client_id) { add(made, filter, client_id); });
  }
  void forget(const caf::actor_addr& watcher);

  /// A session has subscribed to a filter, or has left it.
  /// @param filter "$share/NAME/" included; it is the topics that count
  void add(std::string_view filter, std::string_view client_id);
  void remove(std::string_view filter, std::string_view client_id);

  /// Tells watchers what has changed since the last call: `send(watcher, demand_changed)`.
  template <class Send>
  void flush(Send&& send) {
    for (auto& each : watches_)
      if (!each.news.begun.empty() || !each.news.ended.empty())
        send(each.request.watcher, std::exchange(each.news, {}));
  }

private:
  struct watch_entry {
    watch_demand request;
    std::unordered_map<std::string, std::uint64_t> wanted; ///< filter, by so many sessions
    demand_changed news;
  };

  static void add(watch_entry& watch, std::string_view filter, std::string_view client_id);
  static bool concerns(const watch_entry& watch, std::string_view filter,
                       std::string_view client_id);

  std::vector<watch_entry> watches_;
};

} // namespace actorbus

ACTORBUS_LOCAL_MESSAGE(actorbus::watch_demand)
ACTORBUS_LOCAL_MESSAGE(actorbus::demand_changed)
