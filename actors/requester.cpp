#include <actorbus/actors/requester.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>

#include <caf/actor_system.hpp>

#include <actorbus/actors/client_requests.hpp>

namespace actorbus {

using protocol::property_id;
using protocol::reason_code;

namespace {

/// One level of a topic that says who it is for, whatever a client identifier is made of.
std::string as_level(std::string_view client_id) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (auto c : client_id) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '/' || c == '+' || c == '#' || c == '%' || c == '$')
      (result += '%').append({digits[byte >> 4], digits[byte & 15]});
    else
      result += c;
  }
  return result;
}

std::string next_response_topic(const requester_options& settings, const outcome& connected) {
  static std::atomic<std::uint64_t> made{0}; // two requesters of one client must not meet
  auto prefix = settings.response_prefix;
  if (prefix.empty())
    prefix = connected.response_information;
  if (prefix.empty())
    prefix = "reply";
  if (prefix.back() != '/')
    prefix += '/';
  return prefix + as_level(connected.client_id) + '/' + std::to_string(++made);
}

std::string to_correlation(std::uint64_t number) {
  std::string bytes(sizeof number, '\0');
  for (auto& each : bytes) {
    each = static_cast<char>(number & 0xFF);
    number >>= 8;
  }
  return bytes;
}

std::optional<std::uint64_t> from_correlation(std::string_view bytes) {
  std::uint64_t number = 0;
  if (bytes.size() != sizeof number)
    return std::nullopt;
  for (auto i = bytes.size(); i-- > 0;)
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

std::optional<std::string> refusal_of(const incoming_message& reply) {
  for (const auto& each : reply.properties)
    if (each.id == property_id::user_property && each.text == refusal_property)
      return std::string{each.value};
  return std::nullopt;
}

received failed(reason_code code, std::string text, ending how = {}) {
  return protocol::unexpected{outcome{.code = code, .text = std::move(text), .how = how}};
}

} // namespace

struct requester::core : std::enable_shared_from_this<core> {
  struct pending {
    operation_promise<received> promise;
    time_point deadline;
  };

  core(const client& by, requester_options options)
      : actor(by.actor()), connected(by.connected()), settings(std::move(options)) {}

  time_point now() const { return actor.home_system().clock().now(); }

  /// Takes a request out. @returns nothing if it is not outstanding
  std::optional<operation_promise<received>> take(std::uint64_t number) {
    auto found = waiting.find(number);
    if (found == waiting.end())
      return std::nullopt;
    auto promise = std::move(found->second.promise);
    deadlines.erase({found->second.deadline, number});
    waiting.erase(found);
    return promise;
  }

  void end(std::uint64_t number, received result) {
    std::unique_lock guard{mutex};
    auto promise = take(number);
    guard.unlock();
    if (promise)
      promise->complete(std::move(result));
  }

  void on_reply(const incoming_message& reply) {
    auto correlation = reply.properties.text(property_id::correlation_data);
    auto number = correlation ? from_correlation(*correlation) : std::nullopt;
    std::unique_lock guard{mutex};
    auto promise = number ? take(*number) : std::nullopt;
    if (!promise || promise->over()) {
      ++ignored;
      return;
    }
    guard.unlock();
    if (auto refusal = refusal_of(reply)) {
      auto result = failed(reason_code::implementation_specific_error, std::move(*refusal));
      promise->complete(std::move(result));
    } else {
      promise->complete(received{to_keep(reply)});
    }
  }

  /// What became of the PUBLISH: a request that reached nobody needs not wait.
  void on_published(std::uint64_t number, const outcome& result) {
    if (result.code == reason_code::no_matching_subscribers)
      end(number, failed(reason_code::no_matching_subscribers, "nobody answers to this topic"));
    else if (!result)
      end(number, protocol::unexpected{result});
  }

  /// The waiters that are gone make room. @pre locked
  void forget_cancelled() {
    std::vector<std::uint64_t> gone;
    for (const auto& [number, request] : waiting)
      if (request.promise.over())
        gone.push_back(number);
    for (auto number : gone)
      take(number);
  }

  /// Has `expire` called when the first deadline is over. @pre locked
  void watch_deadlines() {
    if (deadlines.empty() || (alarm_at && *alarm_at <= deadlines.begin()->first))
      return;
    alarm_at = deadlines.begin()->first;
    auto delay = std::chrono::ceil<std::chrono::milliseconds>(*alarm_at - now());
    call_after(actor, std::max(delay, std::chrono::milliseconds{0}),
               [weak = this->weak_from_this()] {
                 if (auto self = weak.lock())
                   self->expire();
               });
  }

  void expire() {
    std::vector<operation_promise<received>> late;
    std::unique_lock guard{mutex};
    auto time = now();
    while (!deadlines.empty() && deadlines.begin()->first <= time)
      late.push_back(*take(deadlines.begin()->second));
    alarm_at.reset();
    watch_deadlines();
    guard.unlock();
    for (const auto& each : late)
      each.complete(protocol::unexpected{timed_out()});
  }

  /// Nobody is left who could bring an answer.
  void fail_all(const outcome& why) {
    std::unique_lock guard{mutex};
    auto all = std::exchange(waiting, {});
    deadlines.clear();
    guard.unlock();
    for (auto& [number, asked] : all)
      asked.promise.complete(protocol::unexpected{why});
  }

  /// Has them fail when the client ends, after which no deadline is watched.
  void watch_client() {
    caf::actor_cast<caf::abstract_actor*>(actor)->attach_functor([weak = this->weak_from_this()] {
      auto self = weak.lock();
      if (!self)
        return;
      {
        std::lock_guard guard{self->mutex};
        self->is_over = true;
      }
      self->fail_all(disconnected());
    });
  }

  static outcome disconnected() { return {reason_code::server_unavailable, "disconnected"}; }

  /// @pre locked
  void subscribe() {
    response_topic = next_response_topic(settings, connected);
    auto weak = this->weak_from_this();
    subscribe_filters request;
    request.filters = {{.filter = response_topic, .maximum_qos = settings.quality}};
    request.done = [weak](const outcome& result) {
      auto self = weak.lock();
      if (!self || result)
        return;
      {
        std::lock_guard guard{self->mutex};
        self->response_topic.clear(); // the next request tries again
      }
      self->fail_all(result);
    };
    // The client's actor keeps its handlers: they must not keep the requester, which has the actor.
    request.handler = [weak](const incoming_message& reply) {
      if (auto self = weak.lock())
        self->on_reply(reply);
    };
    post(actor, std::move(request), nullptr);
  }

  const caf::actor actor;
  const outcome connected;
  const requester_options settings;
  mutable std::mutex mutex; ///< guards what follows
  std::string response_topic;
  std::unordered_map<std::uint64_t, pending> waiting;
  std::set<std::pair<time_point, std::uint64_t>> deadlines;
  std::optional<time_point> alarm_at;
  std::uint64_t last_number = 0;
  std::uint64_t ignored = 0;
  bool is_over = false; ///< the client is
};

requester::requester(const client& by, requester_options settings)
    : core_(std::make_shared<core>(by, std::move(settings))) {
  core_->watch_client();
}

requester::~requester() {
  if (!core_)
    return;
  std::lock_guard guard{core_->mutex};
  if (!core_->response_topic.empty())
    post(core_->actor, unsubscribe_filters{{core_->response_topic}, {}}, nullptr);
}

operation<received> requester::ask(outgoing_message question, std::chrono::milliseconds timeout) {
  auto& self = *core_;
  if (!self.connected)
    return operation<received>::finished(protocol::unexpected{self.connected});
  operation_promise<received> promise{self.actor};
  auto result = promise.get_operation();
  std::lock_guard guard{self.mutex};
  if (self.is_over)
    return operation<received>::finished(protocol::unexpected{core::disconnected()});
  if (self.waiting.size() >= self.settings.outstanding_max)
    self.forget_cancelled();
  if (self.waiting.size() >= self.settings.outstanding_max)
    return operation<received>::finished(
        failed(reason_code::quota_exceeded, "too many requests are outstanding"));
  if (self.response_topic.empty())
    self.subscribe();
  auto number = ++self.last_number;
  question.qos = self.settings.quality;
  question.properties.add(property_id::response_topic, self.response_topic)
      .add(property_id::correlation_data, to_correlation(number));
  auto deadline = self.now() + (timeout.count() > 0 ? timeout : self.settings.timeout);
  self.waiting.emplace(number, core::pending{std::move(promise), deadline});
  self.deadlines.emplace(deadline, number);
  self.watch_deadlines();
  publish_request request{std::move(question), [weak = std::weak_ptr{core_}, number](outcome what) {
                            if (auto core = weak.lock())
                              core->on_published(number, what);
                          }};
  post(self.actor, std::move(request), nullptr);
  return result;
}

std::size_t requester::outstanding() const {
  std::lock_guard guard{core_->mutex};
  core_->forget_cancelled();
  return core_->waiting.size();
}

std::uint64_t requester::ignored() const {
  std::lock_guard guard{core_->mutex};
  return core_->ignored;
}

std::string requester::response_topic() const {
  std::lock_guard guard{core_->mutex};
  return core_->response_topic;
}

const caf::actor& requester::actor() const noexcept {
  return core_->actor;
}

} // namespace actorbus
