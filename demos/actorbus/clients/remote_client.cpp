#include "clients/remote_client.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <mutex>
#include <thread>

#include <caf/actor_registry.hpp>
#include <caf/send.hpp>

#include <fmt/format.h>

#include <actorbus/actors/timekeeper.hpp>
#include <actorbus/transports/transport_table.hpp>

#include "user_error.hpp"

namespace actorbus::demos {

/// What the client's actor leaves for the main thread.
struct remote_client::shared {
  std::mutex mutex;
  std::optional<outcome> lost;
};

/// The answer to one request.
struct remote_client::pending {
  explicit pending(std::shared_ptr<shared> common) : common(std::move(common)) {}

  std::shared_ptr<shared> common;
  std::optional<outcome> result; ///< under `common->mutex`
};

remote_client::remote_client(client_plan plan, client_events events, attention& caller)
    : plan_(std::move(plan)),
      events_(std::move(events)),
      caller_(caller),
      shared_(std::make_shared<shared>()),
      threads_(system_, 1) {
  transports::transport_table table;
  auto gateway = table.connect(
      plan_.url, {.system = system_, .threads = threads_, .connector = plan_.transport});
  if (!gateway) {
    threads_.stop();
    throw user_error{gateway.error()};
  }
  gateway_ = std::move(*gateway);
  timekeeper_ = system_.spawn<timekeeper, caf::hidden>();
  events_.on_disconnected = [state = shared_, &caller](const outcome& why) {
    std::lock_guard guard{state->mutex};
    state->lost = why;
    caller.call();
  };
}

remote_client::~remote_client() {
  disconnect({});
  caf::anon_send_exit(gateway_, caf::exit_reason::user_shutdown);
  gateway_ = {};
  using namespace std::chrono_literals;
  auto& registry = system_.registry();
  auto waited = 0ms;
  std::chrono::milliseconds hurry_at = 2s;
  for (auto pause = 1ms; registry.running() != 0; pause = std::min(pause * 2, 10ms)) {
    std::this_thread::sleep_for(pause);
    waited += pause;
    if (waited > hurry_at) { // a broker that doesn't read: what it hasn't taken by now it won't
      threads_.hurry();
      hurry_at += 250ms;
    }
  }
  caf::anon_send_exit(timekeeper_, caf::exit_reason::user_shutdown);
  timekeeper_ = {};
  threads_.stop();
}

remote_client::pending_ptr remote_client::new_answer() const {
  return std::make_shared<pending>(shared_);
}

completion remote_client::completion_of(const pending_ptr& answer) const {
  return [answer, &caller = caller_](outcome result) {
    std::lock_guard guard{answer->common->mutex};
    answer->result = std::move(result);
    caller.call();
  };
}

std::optional<outcome> remote_client::await(const pending_ptr& answer) {
  auto has_answer = [&] {
    std::lock_guard guard{shared_->mutex};
    return answer->result.has_value();
  };
  if (!wait_for(has_answer))
    return std::nullopt;
  std::lock_guard guard{shared_->mutex};
  return answer->result ? answer->result : shared_->lost;
}

bool remote_client::is_late() const noexcept {
  return deadline_ && *deadline_ <= std::chrono::steady_clock::now();
}

bool remote_client::wait_for(const std::function<bool()>& done,
                             std::optional<attention::time_point> until) {
  auto end = until && deadline_ ? std::min(until, deadline_) : until ? until : deadline_;
  while (!done() && !lost()) {
    switch (caller_.wait(end)) {
    case attention::cause::signal:
      if (caller_.signal() != SIGHUP)
        return false;
      break;
    case attention::cause::time: return !is_late();
    case attention::cause::called:
    case attention::cause::readable: break;
    }
  }
  return true;
}

std::optional<outcome> remote_client::connect() {
  {
    std::lock_guard guard{shared_->mutex};
    shared_->lost.reset();
  }
  client_ = system_.spawn<client_actor>(gateway_, timekeeper_, plan_.client, events_);
  return ask(connect_request{});
}

std::optional<outcome> remote_client::lost() const {
  std::lock_guard guard{shared_->mutex};
  return shared_->lost;
}

void remote_client::disconnect(protocol::property_list properties) {
  if (!client_)
    return;
  send(disconnect_request{{}, std::move(properties), {}});
  client_ = {};
}

int exit_code_of(const outcome& refusal, protocol::protocol_version version) {
  if (!refusal.by_peer)
    return 1;
  return version == protocol::protocol_version::v5 ? static_cast<int>(refusal.code)
                                                   : protocol::to_v3_connack(refusal.code);
}

std::string describe(const outcome& failure) {
  if (!failure.by_peer)
    return failure.text;
  auto name = protocol::to_string(failure.code);
  auto code = static_cast<unsigned>(failure.code);
  if (failure.text.empty() || failure.text == name)
    return fmt::format("{} (0x{:02X})", name, code);
  return fmt::format("{} (0x{:02X}): {}", name, code, failure.text);
}

} // namespace actorbus::demos
