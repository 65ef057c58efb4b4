#pragma once

#include "deliveries.hpp"
#include "participant.hpp"

#include "support/virtual_system.hpp"

#include <actorbus/actors/bus.hpp>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace actorbus::simulation {

/// A bus and some participants that do what a seed says: publish, subscribe, come, go, break and die, while the actors
/// between them are stopped and started at any message.
class world {
public:
  explicit world(std::uint64_t seed);
  ~world();

  /// Takes so many random steps, then lets everybody come back and everything arrive.
  void run(int steps);

  /// What was not as the standard says, one line each.
  std::string faults() const { return record_.faults(); }

  /// All that happened, in its order.
  const std::string& trace() const noexcept { return trace_; }

private:
  void step();
  void run_actors(int most);
  void settle();
  void add_participant(int index);
  void act(int index);
  void publish(int index, int qos);
  void change_subscription(int index);
  void note(int index, const std::string& what);
  unsigned random(unsigned below) { return static_cast<unsigned>(random_() % below); }

  std::mt19937_64 random_;
  test::virtual_system system_;
  bus bus_;
  deliveries record_;
  std::vector<std::unique_ptr<participant>> participants_;
  deliveries::tick now_ = 1;
  std::string trace_;
};

} // namespace actorbus::simulation
