#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <actorbus/actors/bridge_status.hpp>
#include <actorbus/actors/bridge_topics.hpp>
#include <actorbus/actors/messages.hpp>

namespace actorbus::demos {

/// What a running topology consists of; doesn't change while it runs.
struct run_outline {
  struct listener {
    std::string url; ///< with the port that was bound
    std::shared_ptr<const listener_policy> policy;
  };

  struct participant {
    std::string name;
    std::string kind;
    std::string topic; ///< where it publishes, as the file has it; empty: the file doesn't say
    std::vector<std::string> filters;
  };

  struct bridge {
    std::string name;
    std::vector<bridge_topic> topics;
    std::shared_ptr<const bridge_status> status;
  };

  std::uint64_t seed = 0;
  std::vector<listener> listeners;
  std::vector<participant> participants;
  std::vector<bridge> bridges;
};

} // namespace actorbus::demos
