#include <actorbus/actors/client.hpp>

#include <atomic>
#include <cstring>
#include <mutex>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <actorbus/actors/client_actor.hpp>
#include <actorbus/actors/client_inbox.hpp>

namespace actorbus {

using protocol::reason_code;

namespace {

template <class... Ts>
auto both(std::function<void(Ts...)> first, std::function<void(Ts...)> second) {
  if (!second)
    return first;
  return std::function<void(Ts...)>{
      [first = std::move(first), second = std::move(second)](Ts... values) {
        first(values...);
        second(values...);
      }};
}

} // namespace

/// What the object and its actor's events share.
struct client::core {
  explicit core(const client_options& options)
      : inbox(options.inbox_messages_max, options.inbox_bytes_max), version(options.version) {}

  /// Sends a request whose last member is its completion.
  template <class Request>
  operation<outcome> ask(Request request) {
    operation_promise<outcome> promise{actor};
    auto result = promise.get_operation();
    request.done = std::move(promise);
    actorbus::post(actor, std::move(request), nullptr);
    return result;
  }

  client_inbox inbox;
  const protocol::protocol_version version;
  caf::actor actor;
  std::atomic<bool> over{false};
  mutable std::mutex mutex; ///< guards what follows
  outcome connected{reason_code::server_unavailable, "not connected yet"};
  std::optional<outcome> lost;
};

client::client(caf::actor_system& system, client_setup setup)
    : core_(std::make_shared<core>(setup.options)) {
  auto& events = setup.events;
  std::weak_ptr<core> weak = core_;
  if (!events.on_message) {
    events.on_message = [weak](const incoming_message& message) {
      if (auto self = weak.lock())
        self->inbox.put(message);
    };
    events.is_full = [weak] {
      auto self = weak.lock();
      return self && self->inbox.is_full(self->actor);
    };
  }
  using told = std::function<void(const outcome&)>;
  events.on_connected = both(told{[weak](const outcome& result) {
                               if (auto self = weak.lock()) {
                                 std::lock_guard guard{self->mutex};
                                 self->connected = result;
                                 self->lost.reset();
                               }
                             }},
                             std::move(events.on_connected));
  events.on_disconnected = both(told{[weak](const outcome& why) {
                                  if (auto self = weak.lock()) {
                                    std::lock_guard guard{self->mutex};
                                    self->lost = why;
                                  }
                                }},
                                std::move(events.on_disconnected));
  events.on_ended = both(told{[weak](const outcome& why) {
                           if (auto self = weak.lock()) {
                             self->over = true;
                             {
                               std::lock_guard guard{self->mutex};
                               if (!self->lost)
                                 self->lost = why;
                             }
                             self->inbox.close(why);
                           }
                         }},
                         std::move(events.on_ended));
  core_->actor = system.spawn<client_actor>(std::move(setup));
}

client& client::operator=(client&& other) noexcept {
  client old{std::move(*this)};
  core_ = std::move(other.core_);
  return *this;
}

client::~client() {
  if (core_ && !core_->over)
    disconnect().get();
}

operation<outcome> client::connect() {
  auto result = operation_promise<outcome>{core_->actor};
  auto answer = result.get_operation();
  std::weak_ptr<core> weak = core_;
  actorbus::post(core_->actor, connect_request{[weak, result](outcome what) {
                   if (auto self = weak.lock(); self && !what) {
                     std::lock_guard guard{self->mutex};
                     self->connected = what;
                   }
                   result(std::move(what));
                 }},
                 nullptr);
  return answer;
}

outcome client::connected() const {
  std::lock_guard guard{core_->mutex};
  return core_->connected;
}

std::optional<outcome> client::lost() const {
  std::lock_guard guard{core_->mutex};
  return core_->lost;
}

operation<outcome> client::publish(std::string topic, std::string payload, protocol::qos quality,
                                   bool retain) {
  return publish(outgoing_message{std::move(topic), std::move(payload), quality, retain, {}});
}

operation<outcome> client::publish(outgoing_message message) {
  return core_->ask(publish_request{std::move(message), {}});
}

operation<outcome> client::publish(const outgoing_message& head,
                                   std::span<const std::byte> payload) {
  auto message = prepare(head, payload.size());
  if (!payload.empty())
    std::memcpy(message.payload().data(), payload.data(), payload.size());
  return publish(std::move(message));
}

prepared_message client::prepare(const outgoing_message& head, std::size_t payload_size) const {
  return prepared_message{head, payload_size, core_->version};
}

operation<outcome> client::publish(prepared_message message) {
  return core_->ask(publish_prepared{std::move(message), {}});
}

void client::post(outgoing_message message) {
  actorbus::post(core_->actor, publish_request{std::move(message), {}}, nullptr);
}

operation<outcome> client::subscribe(std::string filter, protocol::qos maximum) {
  return subscribe(subscribe_options{std::move(filter), maximum});
}

operation<outcome> client::subscribe(std::string filter, message_handler handler,
                                     protocol::qos maximum) {
  return subscribe(subscribe_options{std::move(filter), maximum}, std::move(handler));
}

operation<outcome> client::subscribe(subscribe_options filter, message_handler handler) {
  std::vector<subscribe_options> filters;
  filters.push_back(std::move(filter));
  return subscribe(std::move(filters), {}, std::move(handler));
}

operation<outcome> client::subscribe(std::vector<subscribe_options> filters,
                                     protocol::property_list properties, message_handler handler) {
  return core_->ask(
      subscribe_filters{std::move(filters), std::move(properties), {}, std::move(handler)});
}

operation<outcome> client::unsubscribe(std::string filter) {
  std::vector<std::string> filters;
  filters.push_back(std::move(filter));
  return unsubscribe(std::move(filters));
}

operation<outcome> client::unsubscribe(std::vector<std::string> filters) {
  return core_->ask(unsubscribe_filters{std::move(filters), {}});
}

operation<received> client::receive() {
  return core_->inbox.receive(core_->actor);
}

std::optional<incoming_message> client::receive(std::chrono::milliseconds timeout) {
  return core_->inbox.wait(handler_scope::active() ? std::chrono::milliseconds{0} : timeout);
}

std::uint64_t client::dropped() const {
  return core_->inbox.dropped();
}

void client::acknowledge(const incoming_message& message, reason_code code) {
  actorbus::post(core_->actor, acknowledge_message{message.packet_id, message.connection, code},
                 nullptr);
}

operation<outcome> client::reauthenticate() {
  return core_->ask(reauthenticate_request{});
}

operation<outcome> client::disconnect(reason_code reason, protocol::property_list properties) {
  return core_->ask(disconnect_request{reason, std::move(properties), {}});
}

operation<outcome> client::close(std::chrono::milliseconds timeout) {
  return core_->ask(disconnect_request{.timeout = timeout});
}

void client::abort() {
  caf::anon_send_exit(core_->actor, caf::exit_reason::kill);
}

const caf::actor& client::actor() const noexcept {
  return core_->actor;
}

} // namespace actorbus
