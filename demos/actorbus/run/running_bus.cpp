#include "run/running_bus.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <thread>
#include <utility>

#include <caf/actor_registry.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <actorbus/transports/socket_address.hpp>

#include "run/terminal_actor.hpp"
#include "topology/participant_actor.hpp"
#include "url_fault.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

namespace {

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

running_bus::running_bus(topology what) : threads_(system_, what.io_threads) {
  bus_ = std::make_unique<bus>(system_, bus::options{.limits = what.limits, .seed = what.seed});
  try {
    listen(what.listeners);
  } catch (...) {
    stop();
    throw;
  }
  terminal_ = system_.spawn<terminal_actor>(*bus_, std::move(what.view));
  for (auto& each : what.participants)
    participants_.push_back(system_.spawn<participant_actor>(*bus_, std::move(each), terminal_));
}

void running_bus::listen(const std::vector<listener_settings>& where) {
  transports::transport_table table;
  transports::transport_context context{
      .system = system_, .threads = threads_, .limits = bus_->limits(), .broker = bus_->broker()};
  for (const auto& each : where) {
    if (auto why = url_fault(each.url, url_use::listen); !why.empty())
      throw user_error{why};
    if (auto at = table.parse(each.url); !each.allow_anonymous && !is_local(*at))
      throw user_error{each.url, "other machines could connect without a name or password; allow "
                                 "that with --allow-anonymous, or listen on 127.0.0.1"};
    context.listener = each.transport;
    auto opened = table.listen(each.url, context);
    if (!opened)
      throw user_error{opened.error()};
    listeners_.push_back(std::move(opened->listener));
    urls_.push_back(std::move(opened->url));
  }
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
  for (auto& each : participants_)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  if (!participants_.empty()) {
    caf::scoped_actor self{system_};
    self->wait_for(participants_);
    participants_.clear();
  }
  bus_.reset();
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
