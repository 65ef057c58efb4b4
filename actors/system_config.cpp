#include <actorbus/actors/system_config.hpp>

#include <algorithm>
#include <thread>

#include <actorbus/actors/parking_scheduler.hpp>

namespace actorbus {

system_config::system_config(std::size_t threads) {
  if (threads == 0)
    threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4);
  set("scheduler.max-threads", threads);
  set("scheduler.max-throughput", max_throughput);
  module_factories.push_back([](caf::actor_system& system) -> caf::actor_system::module* {
    return new parking_scheduler(system);
  });
}

} // namespace actorbus
