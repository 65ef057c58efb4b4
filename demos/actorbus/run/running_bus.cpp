#include "run/running_bus.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <thread>
#include <utility>

#include <caf/actor_registry.hpp>
#include <caf/after.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <actorbus/actors/bridge.hpp>
#include <actorbus/actors/password_authenticator.hpp>
#include <actorbus/transports/socket_address.hpp>

#include "passwd/password_file.hpp"
#include "run/terminal_actor.hpp"
#include "topology/participant_actor.hpp"
#include "topology/random_source.hpp"
#include "url_fault.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

namespace {

/// Actors of the process answer at once, or something is wrong with them.
constexpr std::chrono::seconds patience{3};

// Whether everyone who can reach the listener is on this machine.
bool is_local(const transports::endpoint& at) {
  using enum transports::endpoint_form;
  if (at.form != host_port && at.form != web)
    return true;
  if (at.host.empty())
    return false;
  auto found = transports::resolve(at.host, at.port, true);
  return found && std::all_of(found->begin(), found->end(),
                              [](const auto& address) { return address.is_loopback(); });
}

} // namespace

system_config make_system_config() {
  return system_config{};
}

running_bus::running_bus(topology what, const surroundings& around)
    : threads_(system_, what.io_threads) {
  bus::options settings{.limits = what.limits,
                        .seed = what.seed,
                        .status_interval = std::chrono::seconds{what.status_interval_seconds},
                        .server_reference = what.auth.server_reference,
                        .server_moved = what.auth.server_moved};
  settings.keep_left = around.keeps_figures;
  if (what.auth.response_information)
    settings.response_information = *what.auth.response_information;
  try {
    if (!what.auth.password_file.empty())
      settings.authenticator = passwords_of(what.auth.password_file);
    bus_ = std::make_unique<bus>(system_, settings);
    listen(what.listeners, what.auth, around);
  } catch (...) {
    stop();
    throw;
  }
  outline_.seed = what.seed;
  open_terminal(std::move(what.view), around);
  begin_participants(std::move(what.participants));
  bridge(std::move(what.bridges), what.seed);
  post(terminal_, show_outline{std::make_shared<const run_outline>(outline_)}, nullptr);
}

void running_bus::open_terminal(std::optional<view_settings> view, const surroundings& around) {
  auto shown = view ? showing::topics : showing::nothing;
  if (around.shows_everything)
    shown = showing::everything;
  if (!view && (around.shows_everything || around.keeps_figures))
    view.emplace();
  terminal_ = system_.spawn<terminal_actor>(*bus_, std::move(view), shown);
  if (around.keeps_figures) // from the first message on
    static_cast<void>(traffic());
}

void running_bus::begin_participants(std::vector<participant_settings> what) {
  for (auto& each : what) {
    run_outline::participant known{each.name, each.kind, each.topic, {}};
    for (auto& filter : each.role->subscriptions())
      known.filters.push_back(std::move(filter.filter));
    outline_.participants.push_back(std::move(known));
    participants_.push_back(system_.spawn<participant_actor>(*bus_, std::move(each), terminal_));
  }
}

counted_traffic running_bus::traffic() {
  constexpr std::size_t topics_max = 1'000;
  counted_traffic result;
  caf::scoped_actor self{system_};
  post(terminal_, ask_traffic{caf::actor_cast<caf::actor>(self), topics_max}, nullptr);
  self->receive([&](counted_traffic& answer) { result = std::move(answer); },
                caf::after(patience) >> [] {});
  return result;
}

run_figures running_bus::figures() {
  constexpr std::size_t clients_max = 10'000;
  bus_figures of_bus;
  caf::scoped_actor self{system_};
  bus_->ask_figures({caf::actor_cast<caf::actor>(self), figures_order::rate, clients_max});
  self->receive([&](bus_figures& answer) { of_bus = std::move(answer); },
                caf::after(patience) >> [] {});
  auto result = gather(outline_, std::move(of_bus));
  auto flowed = traffic();
  result.topics = std::move(flowed.topics);
  result.topics_left_off = flowed.left_off;
  return result;
}

void running_bus::bridge(std::vector<bridge_settings> what, std::uint64_t seed) {
  for (auto& each : what) {
    bridge_surroundings around;
    around.connect = [this, how = each.connector](const std::string& url) {
      return transports::transport_table{}.connect(
          url,
          {.system = system_, .threads = threads_, .limits = bus_->limits(), .connector = how});
    };
    around.home = &threads_.next();
    around.seed = derived_seed(seed, each.bridge.name);
    around.on_change = [name = each.bridge.name, said = std::string{},
                        terminal = terminal_](const bridge_status& now) mutable {
      auto line = now.connected ? "connected to " + now.address() : now.last_error();
      if (std::exchange(said, line) != line)
        post(terminal, print_line{"bridge \"" + name + "\": " + line}, nullptr);
    };
    run_outline::bridge known{each.bridge.name, each.bridge.topics, {}};
    auto begun = spawn_bridge(*bus_, std::move(each.bridge), std::move(around));
    known.status = std::move(begun.status);
    outline_.bridges.push_back(std::move(known));
    bridges_.push_back(std::move(begun.actor));
  }
}

/// The actor that knows the file's passwords; one a file.
const caf::actor& running_bus::passwords_of(const std::string& file) {
  if (auto known = passwords_.find(file); known != passwords_.end())
    return known->second;
  auto list = std::make_shared<const password_list>(read_password_file(file));
  return passwords_[file] = system_.spawn<password_authenticator>(std::move(list));
}

std::vector<std::string> running_bus::reload() {
  std::vector<std::string> wrong;
  for (const auto& [file, keeper] : passwords_) {
    try {
      auto list = std::make_shared<const password_list>(read_password_file(file));
      post(keeper, replace_passwords{std::move(list)}, nullptr);
    } catch (const user_error& problem) {
      wrong.emplace_back(problem.what());
    }
  }
  for (const auto& each : reloads_)
    if (auto why = each(); !why.empty())
      wrong.push_back(std::move(why));
  return wrong;
}

void running_bus::listen(const std::vector<listener_settings>& where, const auth_settings& auth,
                         const surroundings& around) {
  transports::transport_table table;
  transports::transport_context context{
      .system = system_, .threads = threads_, .limits = bus_->limits(), .broker = bus_->broker()};
  context.report = around.report;
  context.inherited = around.inherited;
  std::vector<std::string> urls;
  for (const auto& each : where) {
    if (auto why = url_fault(each.url, url_use::listen); !why.empty())
      throw user_error{why};
    auto policy = std::make_shared<listener_policy>();
    policy->name = each.url;
    policy->identity_is_user = each.identity_is_user;
    policy->allowed = each.allowed;
    policy->own_limits = each.own_limits;
    if (!each.password_file.empty())
      policy->authenticator = passwords_of(each.password_file);
    auto asks_for_names = policy->authenticator || !auth.password_file.empty();
    auto at = table.parse(each.url);
    auto knows_peers =
        asks_for_names || each.identity_is_user || each.transport.tls.require_certificate;
    if (!knows_peers && !each.allow_anonymous.value_or(false) && !is_local(*at))
      throw user_error{each.url, "other machines could connect without a name or password; name a "
                                 "--password-file, allow that with --allow-anonymous, or listen on "
                                 "127.0.0.1"};
    policy->allow_anonymous = each.allow_anonymous.value_or(!asks_for_names);
    context.policy = policy;
    context.listener = each.transport;
    auto opened = table.listen(each.url, context);
    if (!opened)
      throw user_error{opened.error()};
    listeners_.push_back(std::move(opened->listener));
    if (opened->reload)
      reloads_.push_back(std::move(opened->reload));
    urls.push_back(opened->url);
    outline_.listeners.push_back({std::move(opened->url), std::move(policy)});
  }
  if (around.listening)
    around.listening(urls);
}

running_bus::~running_bus() {
  stop();
}

void running_bus::stop() noexcept {
  for (auto& each : listeners_)
    post(each, close_channel{protocol::reason_code::server_shutting_down}, nullptr);
  listeners_.clear();
  if (terminal_)
    participants_.push_back(std::exchange(terminal_, {}));
  for (auto* leaving : {&participants_, &bridges_}) {
    for (auto& each : *leaving)
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    if (leaving->empty())
      continue;
    caf::scoped_actor self{system_};
    self->wait_for(*leaving);
    leaving->clear();
  }
  bus_.reset();
  for (auto& [file, keeper] : passwords_)
    caf::anon_send_exit(keeper, caf::exit_reason::user_shutdown);
  passwords_.clear();
  await_actors();
  threads_.stop();
}

// Connections whose peers don't answer would wait for their time limits: they are hurried, but
// not before they had a moment to write what is queued, nor so often that a slow network would
// look like a peer that takes nothing.
void running_bus::await_actors() noexcept {
  using namespace std::chrono_literals;
  auto& registry = system_.registry();
  auto waited = 0ms;
  auto hurry_at = 100ms;
  for (auto pause = 1ms; registry.running() != 0; pause = std::min(pause * 2, 20ms)) {
    std::this_thread::sleep_for(pause);
    waited += pause;
    if (waited > hurry_at) {
      threads_.hurry();
      hurry_at += 250ms;
    }
    if (waited > 5s) {
      std::cerr << "actorbus: stop: " << registry.running() << " actors did not end\n";
      std::_Exit(1);
    }
  }
}

} // namespace actorbus::demos
