#include "world.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>

namespace actorbus::simulation {

namespace {

constexpr std::uint32_t never_expires = 0xFFFF'FFFF;

std::string topic_of(unsigned number) {
  return "t/" + std::to_string(number);
}

} // namespace

world::world(std::uint64_t seed) : random_{seed}, bus_{system_.system(), {.limits = {}, .seed = seed + 1}} {
  const auto count = 3 + static_cast<int>(random(4));
  for (int i = 0; i < count; ++i)
    add_participant(i);
}

world::~world() {
  for (auto& each : participants_)
    each->drop();
  system_.run();
}

void world::add_participant(int index) {
  client_options options;
  options.client_id = "client-" + std::to_string(index);
  options.version = random(3) == 0 ? protocol::protocol_version::v3_1_1 : protocol::protocol_version::v5;
  options.clean_start = false;
  options.session_expiry_seconds = never_expires;
  options.receive_maximum = random(2) == 0 ? std::uint16_t{65'535} : static_cast<std::uint16_t>(1 + random(5));
  options.topic_alias_maximum = random(2) == 0 ? std::uint16_t{0} : std::uint16_t{2};
  participants_.push_back(std::make_unique<participant>(
      system_.system(), bus_.broker(), std::move(options), [this, index](const incoming_message& message) {
        note(index, "got " + std::string{message.payload} + (message.dup ? " again" : ""));
        record_.received(index, std::string{message.payload});
      }));
}

void world::note(int index, const std::string& what) {
  trace_ += std::to_string(now_) + ": " + std::to_string(index) + " " + what + "\n";
}

void world::run(int steps) {
  for (int i = 0; i < steps; ++i)
    step();
  settle();
}

void world::step() {
  ++now_;
  act(static_cast<int>(random(static_cast<unsigned>(participants_.size()))));
  run_actors(static_cast<int>(random(12)));
  if (random(20) == 0)
    system_.advance(std::chrono::milliseconds{random(5000)});
}

// Runs one message at a time and not to the end, so that the next step finds others on their way.
void world::run_actors(int most) {
  auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system_.system().scheduler());
  while (most-- > 0 && scheduler.try_run_once()) {
    // until there are enough
  }
}

void world::act(int index) {
  auto& who = *participants_[static_cast<std::size_t>(index)];
  if (!who.linked()) {
    if (random(2) == 0) {
      note(index, "connects");
      who.connect();
    } else {
      publish(index, static_cast<int>(random(3)));
    }
    return;
  }
  switch (const auto choice = random(20)) {
  case 0: note(index, "disconnects"); return who.disconnect();
  case 1: note(index, "drops"); return who.drop();
  case 2: note(index, "is killed"); return who.kill();
  case 3: note(index, "takes over"); return who.connect();
  case 4:
  case 5:
  case 6:
  case 7:
    if (who.connected())
      change_subscription(index);
    return;
  default: publish(index, static_cast<int>(choice % 3)); return;
  }
}

void world::publish(int index, int qos) {
  const auto topic = topic_of(random(3));
  auto payload = record_.published(index, topic, qos, now_);
  note(index, "publishes " + payload);
  outgoing_message message{topic, payload, static_cast<protocol::qos>(qos), false, {}};
  participants_[static_cast<std::size_t>(index)]->publish(std::move(message), [this, payload](const outcome& result) {
    if (result)
      record_.acknowledged(payload, ++now_);
  });
}

void world::change_subscription(int index) {
  auto& who = *participants_[static_cast<std::size_t>(index)];
  const auto number = random(4);
  const auto filter = number == 3 ? std::string{"t/+"} : topic_of(number);
  const auto subscribe = random(3) > 0;
  const auto operation = record_.asked(index, filter, subscribe, now_);
  note(index, (subscribe ? "subscribes " : "unsubscribes ") + filter);
  if (!subscribe)
    return who.unsubscribe(filter, {});
  who.subscribe(filter, [this, index, filter, operation](const outcome& result) {
    if (result)
      record_.granted(index, filter, operation, ++now_);
  });
}

void world::settle() {
  for (int round = 0; round < 3; ++round) {
    for (auto& each : participants_)
      if (!each->linked())
        each->connect();
    system_.run();
    system_.advance(std::chrono::seconds{2});
  }
}

} // namespace actorbus::simulation
