#include <actorbus/transports/network.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include <caf/actor_registry.hpp>
#include <caf/send.hpp>

#include <actorbus/actors/client_actor.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/actors/timekeeper.hpp>
#include <actorbus/transports/io_threads.hpp>
#include <actorbus/transports/server_reference.hpp>

namespace actorbus::transports {

namespace {

/// Servers that brokers have sent clients to: a gateway stays as long as the network.
constexpr std::size_t redirects_kept_max = 64;

} // namespace

struct network::machinery {
  explicit machinery(options settings)
      : table(std::move(settings.table)),
        limits(settings.limits),
        connector(std::move(settings.connector)),
        threads(system, settings.io_threads),
        timekeeper(system.spawn<actorbus::timekeeper, caf::hidden>()) {}

  caf::actor gateway_to(const std::string& url) {
    std::lock_guard guard{mutex};
    if (auto known = gateways.find(url); known != gateways.end())
      return known->second;
    auto made = table.connect(
        url, {.system = system, .threads = threads, .limits = limits, .connector = connector});
    if (!made)
      throw std::invalid_argument{made.error()};
    gateways[url] = *made;
    return *made;
  }

  /// The gateway to where a broker sends its client.
  or_error<caf::actor> redirect(const caf::actor& from, const std::string& reference);

  void end() noexcept;

  transport_table table;
  actorbus::limits limits;
  connector_options connector;
  system_config config{2};
  caf::actor_system system{config};
  io_threads threads;
  caf::actor timekeeper;
  std::mutex mutex; ///< guards what follows
  std::map<std::string, caf::actor> gateways;
  std::size_t redirected = 0; ///< of `gateways`, made because a broker said so
  std::vector<caf::weak_actor_ptr> clients;
};

or_error<caf::actor> network::machinery::redirect(const caf::actor& from,
                                                  const std::string& reference) {
  std::unique_lock guard{mutex};
  auto at = std::find_if(gateways.begin(), gateways.end(),
                         [&](const auto& each) { return each.second == from; });
  if (at == gateways.end())
    return protocol::unexpected<std::string>{"the network ends"};
  auto url = resolve_reference(table, at->first, reference);
  if (!url)
    return protocol::unexpected{url.error()};
  auto is_new = !gateways.contains(*url);
  if (is_new && redirected >= redirects_kept_max)
    return protocol::unexpected<std::string>{"clients were sent to too many servers"};
  redirected += is_new ? 1 : 0;
  guard.unlock();
  try {
    return gateway_to(*url);
  } catch (const std::invalid_argument& fault) {
    return protocol::unexpected<std::string>{fault.what()};
  }
}

// Clients first, as they may have something to send; then the links, which are hurried when a broker
// doesn't read: what it hasn't taken by then it won't.
void network::machinery::end() noexcept {
  using namespace std::chrono_literals;
  for (const auto& each : clients)
    if (auto client = caf::actor_cast<caf::actor>(caf::actor_cast<caf::strong_actor_ptr>(each)))
      post(client, disconnect_request{}, nullptr);
  clients.clear();
  for (auto& each : gateways)
    caf::anon_send_exit(each.second, caf::exit_reason::user_shutdown);
  gateways.clear();
  auto waited = 0ms;
  std::chrono::milliseconds hurry_at = 2s;
  for (auto pause = 1ms; system.registry().running() != 0; pause = std::min(pause * 2, 10ms)) {
    std::this_thread::sleep_for(pause);
    waited += pause;
    if (waited > hurry_at) {
      threads.hurry();
      hurry_at += 250ms;
    }
  }
  caf::anon_send_exit(timekeeper, caf::exit_reason::user_shutdown);
  timekeeper = {};
  threads.stop();
}

network::network(options settings) : machinery_(std::make_unique<machinery>(std::move(settings))) {}

network::~network() {
  machinery_->end();
}

client network::connect(const std::string& url, client_options settings, client_events events) {
  auto result = make_client({url}, std::move(settings), std::move(events));
  static_cast<void>(result.connect().get());
  return result;
}

client network::make_client(const std::vector<std::string>& urls, client_options settings,
                            client_events events) {
  client_setup setup{{}, machinery_->timekeeper, std::move(settings), std::move(events)};
  for (const auto& each : urls)
    setup.gateways.push_back(machinery_->gateway_to(each));
  setup.redirect = [all = machinery_.get()](const caf::actor& from, const std::string& reference) {
    return all->redirect(from, reference);
  };
  client result{machinery_->system, std::move(setup)};
  std::lock_guard guard{machinery_->mutex};
  auto is_gone = [](const caf::weak_actor_ptr& each) {
    return caf::actor_cast<caf::strong_actor_ptr>(each) == nullptr;
  };
  std::erase_if(machinery_->clients, is_gone);
  machinery_->clients.push_back(caf::actor_cast<caf::weak_actor_ptr>(result.actor()));
  return result;
}

} // namespace actorbus::transports
