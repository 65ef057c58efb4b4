#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <actorbus/actors/router.hpp>

/// A routing table and three sessions without actors, with the identifiers 1, 2 and 3.
namespace actorbus::routing {

inline std::shared_ptr<subscriber> make_subscriber(std::uint64_t id) {
  auto made = std::make_shared<subscriber>();
  made->id = id;
  made->online = true;
  return made;
}

inline subscription_options at_most(protocol::qos maximum) {
  subscription_options options;
  options.maximum_qos = maximum;
  return options;
}

inline subscription_options with_identifier(std::uint32_t identifier) {
  subscription_options options;
  options.identifier = identifier;
  return options;
}

inline std::vector<std::uint32_t> sorted(std::span<const std::uint32_t> values) {
  std::vector<std::uint32_t> copy{values.begin(), values.end()};
  std::sort(copy.begin(), copy.end());
  return copy;
}

using ids = std::vector<std::uint64_t>;

/// The identifiers of the sessions that get `topic`, groups apart.
inline ids receivers_of(const router& table, std::string_view topic) {
  routing_guard guard;
  ids found;
  for (const auto& each : table.find(topic)->receivers)
    found.push_back(each.to->id);
  return found;
}

struct router_fixture {
  router table;
  std::shared_ptr<subscriber> anna = make_subscriber(1);
  std::shared_ptr<subscriber> bert = make_subscriber(2);
  std::shared_ptr<subscriber> carl = make_subscriber(3);
};

} // namespace actorbus::routing
