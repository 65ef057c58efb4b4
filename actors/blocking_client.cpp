#include <actorbus/actors/blocking_client.hpp>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>

#include <caf/actor_system.hpp>

#include <actorbus/actors/client_actor.hpp>

namespace actorbus {

struct blocking_client::state {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<incoming_message> inbox;
  std::optional<outcome> lost;
  outcome connected;
  caf::actor actor;
  std::atomic<bool> ended{false};

  /// Sends a request whose last member is its completion, and waits for that.
  template <class Request>
  outcome call(Request request) {
    auto promise = std::make_shared<std::promise<outcome>>();
    auto answer = promise->get_future();
    request.done = [promise](outcome result) { promise->set_value(std::move(result)); };
    if (ended)
      return {protocol::reason_code::server_unavailable, "disconnected"};
    actorbus::post(actor, std::move(request), nullptr);
    // An actor that is gone drops the request, and with it the promise.
    promise.reset();
    try {
      return answer.get();
    } catch (const std::future_error&) {
      return {protocol::reason_code::server_unavailable, "disconnected"};
    }
  }
};

blocking_client::blocking_client(caf::actor_system& system, const caf::actor& gateway,
                                 const caf::actor& timekeeper, client_options options)
    : state_(std::make_shared<state>()) {
  client_events events;
  std::weak_ptr<state> weak = state_;
  events.on_message = [weak](const incoming_message& message) {
    if (auto self = weak.lock()) {
      std::lock_guard guard{self->mutex};
      self->inbox.push_back(message);
      self->changed.notify_one();
    }
  };
  events.on_disconnected = [weak](const outcome& why) {
    if (auto self = weak.lock()) {
      std::lock_guard guard{self->mutex};
      self->lost = why;
      self->changed.notify_all();
    }
  };
  state_->actor =
      system.spawn<client_actor>(gateway, timekeeper, std::move(options), std::move(events));
  state_->connected = state_->call(connect_request{});
}

blocking_client::blocking_client(blocking_client&&) noexcept = default;

blocking_client& blocking_client::operator=(blocking_client&& other) noexcept {
  if (state_)
    disconnect();
  state_ = std::move(other.state_);
  return *this;
}

blocking_client::~blocking_client() {
  if (state_)
    disconnect();
}

const outcome& blocking_client::connected() const noexcept {
  return state_->connected;
}

outcome blocking_client::publish(std::string topic, std::string payload, protocol::qos quality,
                                 bool retain) {
  return publish({std::move(topic), std::move(payload), quality, retain, {}});
}

outcome blocking_client::publish(outgoing_message message) {
  return state_->call(publish_request{std::move(message), {}});
}

void blocking_client::post(outgoing_message message) {
  actorbus::post(state_->actor, publish_request{std::move(message), {}}, nullptr);
}

outcome blocking_client::subscribe(std::string filter, protocol::qos maximum) {
  return subscribe({subscribe_options{std::move(filter), maximum}});
}

outcome blocking_client::subscribe(std::vector<subscribe_options> filters,
                                   protocol::property_list properties) {
  return state_->call(subscribe_filters{std::move(filters), std::move(properties), {}});
}

outcome blocking_client::unsubscribe(std::vector<std::string> filters) {
  return state_->call(unsubscribe_filters{std::move(filters), {}});
}

std::optional<incoming_message> blocking_client::receive(std::chrono::milliseconds timeout) {
  std::unique_lock guard{state_->mutex};
  state_->changed.wait_for(guard, timeout, [&] { return !state_->inbox.empty() || state_->lost; });
  if (state_->inbox.empty())
    return std::nullopt;
  auto message = std::move(state_->inbox.front());
  state_->inbox.pop_front();
  return message;
}

std::optional<outcome> blocking_client::lost() const {
  std::lock_guard guard{state_->mutex};
  return state_->lost;
}

outcome blocking_client::disconnect(protocol::reason_code reason,
                                    protocol::property_list properties) {
  auto result = state_->call(disconnect_request{reason, std::move(properties), {}});
  state_->ended = true;
  std::lock_guard guard{state_->mutex};
  if (!state_->lost)
    state_->lost = outcome{protocol::reason_code::success, "disconnected"};
  state_->changed.notify_all(); // who waits for messages waits in vain
  return result;
}

} // namespace actorbus
