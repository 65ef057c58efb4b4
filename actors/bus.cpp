#include <actorbus/actors/bus.hpp>

#include <random>

#include <caf/send.hpp>

#include <actorbus/actors/broker.hpp>
#include <actorbus/actors/client_actor.hpp>
#include <actorbus/actors/event_board.hpp>
#include <actorbus/actors/status_board.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/actors/timekeeper.hpp>

namespace actorbus {

namespace {

std::uint64_t seed_or_random(std::uint64_t seed) {
  if (seed != 0)
    return seed;
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

/// Not of the seed: two programs that run with the same one are two buses still.
std::string make_trail_name(std::string_view name) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result{name};
  if (!result.empty())
    result += '-';
  auto bits = seed_or_random(0);
  for (int i = 0; i < 16; ++i, bits >>= 4)
    result += digits[bits & 15];
  return result;
}

} // namespace

struct bus::own_system {
  system_config config;
  caf::actor_system system{config};
};

bus::bus(const options& settings)
    : own_(std::make_unique<own_system>()),
      system_(own_->system),
      context_(std::make_shared<bus_context>(settings.limits)),
      seed_(seed_or_random(settings.seed)) {
  begin(settings);
}

bus::bus(caf::actor_system& system, const options& settings)
    : system_(system),
      context_(std::make_shared<bus_context>(settings.limits)),
      seed_(seed_or_random(settings.seed)) {
  begin(settings);
}

void bus::begin(const options& settings) {
  context_->trail_name = make_trail_name(settings.name);
  context_->timekeeper = system_.spawn<actorbus::timekeeper, caf::hidden>();
  context_->authenticator = settings.authenticator;
  context_->server_reference = settings.server_reference;
  context_->server_moved = settings.server_moved;
  context_->response_information = settings.response_information;
  broker_ = system_.spawn<actorbus::broker>(context_, seed_);
  context_->events = system_.spawn<event_board, caf::hidden>(context_, broker_);
  if (settings.status_interval.count() > 0)
    status_ = system_.spawn<status_board, caf::hidden>(context_, broker_, settings.status_interval);
  gateway_ = settings.gateway ? settings.gateway(system_, broker_) : broker_;
  if (settings.name.empty())
    return;
  try {
    name_ = bus_name{settings.name, found_bus{&system_, gateway_, timekeeper()}};
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
  if (gateway_ != broker_)
    caf::anon_send_exit(gateway_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(broker_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(context_->events, caf::exit_reason::user_shutdown);
  if (status_)
    caf::anon_send_exit(status_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(context_->timekeeper, caf::exit_reason::user_shutdown);
}

void bus::watch_events(caf::actor watcher) {
  post(context_->events, actorbus::watch_events{std::move(watcher)}, nullptr);
}

client_setup bus::setup_of(client_options options, client_events events) {
  if (options.seed == 0) // each client's own chance, the same each time for the bus's seed
    options.seed = seed_ ^ (++clients_ * 0x9E37'79B9'7F4A'7C15u);
  return {{gateway_}, timekeeper(), std::move(options), std::move(events)};
}

client bus::connect(client_options options, client_events events) {
  auto result = make_client(std::move(options), std::move(events));
  static_cast<void>(result.connect().get());
  return result;
}

client bus::make_client(client_options options, client_events events) {
  return client{system_, setup_of(std::move(options), std::move(events))};
}

caf::actor bus::spawn_client(client_options options, client_events events) {
  return system_.spawn<client_actor>(setup_of(std::move(options), std::move(events)));
}

caf::actor bus::spawn_client(const caf::actor& owner, client_options options) {
  auto setup = setup_of(std::move(options), events_to(owner));
  setup.owner = owner;
  return system_.spawn<client_actor>(std::move(setup));
}

} // namespace actorbus
