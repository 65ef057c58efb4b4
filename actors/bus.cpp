#include <actorbus/actors/bus.hpp>

#include <atomic>
#include <random>

#include <caf/send.hpp>

#include <actorbus/actors/broker.hpp>
#include <actorbus/actors/bus_context.hpp>
#include <actorbus/actors/bus_registry.hpp>
#include <actorbus/actors/client_actor.hpp>
#include <actorbus/actors/event_board.hpp>
#include <actorbus/actors/figures_board.hpp>
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

/// What there is of a bus, on whatever actor system.
struct bus::core {
  core(caf::actor_system& on, const options& settings);
  ~core();

  void end();
  client_setup setup_of(client_options options, client_events events);

  caf::actor_system& system;
  bus_context_ptr context;
  std::uint64_t seed;
  std::atomic<std::uint64_t> clients{0}; ///< made so far
  caf::actor broker;
  caf::actor status;  ///< null: none
  caf::actor gateway; ///< the broker, as a rule
  bus_name name;      ///< free again before the bus ends
};

bus::core::core(caf::actor_system& on, const options& settings)
    : system(on),
      context(std::make_shared<bus_context>(settings.limits)),
      seed(seed_or_random(settings.seed)) {
  context->trail_name = make_trail_name(settings.name);
  context->timekeeper = system.spawn<actorbus::timekeeper, caf::hidden>();
  context->authenticator = settings.authenticator;
  context->server_reference = settings.server_reference;
  context->server_moved = settings.server_moved;
  context->response_information = settings.response_information;
  context->keep_left = settings.keep_left;
  broker = system.spawn<actorbus::broker>(context, seed);
  context->events = system.spawn<event_board, caf::hidden>(context, broker);
  context->figures = system.spawn<figures_board, caf::hidden>(context, broker,
                                                              settings.status_interval.count() > 0);
  if (settings.status_interval.count() > 0)
    status = system.spawn<status_board, caf::hidden>(context, broker, settings.status_interval);
  gateway = settings.gateway ? settings.gateway(system, broker) : broker;
  if (settings.name.empty())
    return;
  try {
    name = bus_name{settings.name, found_bus{&system, gateway, context->timekeeper}};
  } catch (...) {
    end();
    throw;
  }
}

bus::core::~core() {
  name = bus_name{};
  end();
}

void bus::core::end() {
  if (gateway != broker)
    caf::anon_send_exit(gateway, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(broker, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(context->events, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(context->figures, caf::exit_reason::user_shutdown);
  if (status)
    caf::anon_send_exit(status, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(context->timekeeper, caf::exit_reason::user_shutdown);
}

client_setup bus::core::setup_of(client_options options, client_events events) {
  if (options.seed == 0) // each client's own chance, the same each time for the bus's seed
    options.seed = seed ^ (++clients * 0x9E37'79B9'7F4A'7C15u);
  return {{gateway}, context->timekeeper, std::move(options), std::move(events)};
}

bus::bus(const options& settings)
    : own_(std::make_unique<own_system>()), core_(std::make_unique<core>(own_->system, settings)) {}

bus::bus(caf::actor_system& system, const options& settings)
    : core_(std::make_unique<core>(system, settings)) {}

bus::~bus() = default;

void bus::watch_events(caf::actor watcher) {
  post(core_->context->events, actorbus::watch_events{std::move(watcher)}, nullptr);
}

void bus::ask_figures(actorbus::ask_figures question) {
  post(core_->context->figures, std::move(question), nullptr);
}

client bus::connect(client_options options, client_events events) {
  auto result = make_client(std::move(options), std::move(events));
  static_cast<void>(result.connect().get());
  return result;
}

client bus::make_client(client_options options, client_events events) {
  return client{core_->system, core_->setup_of(std::move(options), std::move(events))};
}

caf::actor bus::spawn_client(client_options options, client_events events) {
  auto setup = core_->setup_of(std::move(options), std::move(events));
  return core_->system.spawn<client_actor>(std::move(setup));
}

caf::actor bus::spawn_client(const caf::actor& owner, client_options options) {
  return spawn_client(owner, std::move(options), events_to(owner));
}

caf::actor bus::spawn_client(const caf::actor& owner, client_options options,
                             client_events events) {
  auto setup = core_->setup_of(std::move(options), std::move(events));
  setup.owner = owner;
  return core_->system.spawn<client_actor>(std::move(setup));
}

const caf::actor& bus::broker() const noexcept {
  return core_->broker;
}

const caf::actor& bus::timekeeper() const noexcept {
  return core_->context->timekeeper;
}

const statistics& bus::counters() const noexcept {
  return core_->context->counters;
}

const actorbus::limits& bus::limits() const noexcept {
  return core_->context->bounds;
}

const std::string& bus::name() const noexcept {
  return core_->name.text();
}

const std::string& bus::trail_name() const noexcept {
  return core_->context->trail_name;
}

caf::actor_system& bus::system() noexcept {
  return core_->system;
}

} // namespace actorbus
