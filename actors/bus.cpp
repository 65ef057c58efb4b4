#include <actorbus/actors/bus.hpp>

#include <random>

#include <caf/send.hpp>

#include <actorbus/actors/broker.hpp>
#include <actorbus/actors/client_actor.hpp>
#include <actorbus/actors/timekeeper.hpp>

namespace actorbus {

namespace {

std::uint64_t seed_or_random(std::uint64_t seed) {
  if (seed != 0)
    return seed;
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

} // namespace

bus::bus(caf::actor_system& system, const options& settings)
    : system_(system), context_(std::make_shared<bus_context>(settings.limits)) {
  context_->timekeeper = system.spawn<actorbus::timekeeper, caf::hidden>();
  broker_ = system.spawn<actorbus::broker>(context_, seed_or_random(settings.seed));
  if (settings.name.empty())
    return;
  try {
    name_ = bus_name{settings.name, found_bus{&system, broker_, timekeeper()}};
  } catch (...) {
    end();
    throw;
  }
}

bus::~bus() {
  name_ = bus_name{};
  end();
}

void bus::end() {
  caf::anon_send_exit(broker_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(context_->timekeeper, caf::exit_reason::user_shutdown);
}

blocking_client bus::connect(client_options options) {
  return blocking_client{system_, broker_, timekeeper(), std::move(options)};
}

caf::actor bus::spawn_client(client_options options, client_events events) {
  return system_.spawn<client_actor>(broker_, timekeeper(), std::move(options), std::move(events));
}

} // namespace actorbus
