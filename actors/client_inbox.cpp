#include <actorbus/actors/client_inbox.hpp>

#include <utility>

#include <actorbus/actors/client_requests.hpp>
#include <actorbus/actors/sleeper.hpp>
#include <actorbus/actors/thread_driver.hpp>

namespace actorbus {

void client_inbox::put(const incoming_message& message) {
  std::unique_lock guard{mutex_};
  while (!waiting_.empty()) {
    auto next = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    if (!next.is_awaited())
      continue;
    guard.unlock();
    if (next.complete(received{to_keep(message)}))
      return;
    guard.lock(); // that one waits no more
  }
  auto has_room = messages_.size() < messages_max_ &&
                  (messages_.empty() || bytes_ + size_bytes(message) <= bytes_max_);
  if (!has_room && message.qos == protocol::qos::at_most_once) {
    ++dropped_;
    return;
  }
  messages_.push_back(to_keep(message));
  bytes_ += size_bytes(message);
  changed_.notify_one();
  guard.unlock(); // who looks finds the mutex free
  tell_lookers();
}

void client_inbox::close(const outcome& why) {
  std::unique_lock guard{mutex_};
  if (closed_)
    return;
  closed_ = why;
  held_back_ = {};
  auto waiting = std::exchange(waiting_, {});
  changed_.notify_all();
  guard.unlock();
  tell_lookers();
  for (auto& each : waiting)
    each.complete(received{protocol::unexpected{why}});
}

bool client_inbox::is_full(const caf::actor& client) {
  std::lock_guard guard{mutex_};
  auto full = messages_.size() > messages_max_ || (messages_.size() > 1 && bytes_ > bytes_max_);
  held_back_ = full ? actor_handle{client} : actor_handle{};
  return full;
}

operation<received> client_inbox::receive(const caf::actor& clock) {
  operation_promise<received> promise{clock};
  auto result = promise.get_operation();
  std::unique_lock guard{mutex_};
  std::erase_if(waiting_, [](const auto& each) { return !each.is_awaited(); });
  if (auto message = take()) {
    guard.unlock();
    promise.complete(received{std::move(*message)});
  } else if (closed_) {
    promise.complete(received{protocol::unexpected{*closed_}});
  } else {
    waiting_.push_back(std::move(promise));
  }
  return result;
}

std::optional<incoming_message> client_inbox::wait(std::chrono::milliseconds timeout) {
  auto has_news = [this] { return !messages_.empty() || closed_; };
  if (auto* driver = thread_driver::current(); driver && timeout.count() > 0) {
    driver->drive_until(
        [&] {
          std::lock_guard guard{mutex_};
          return has_news();
        },
        timeout);
    timeout = {};
  }
  auto seen = changes_.load(std::memory_order_acquire);
  std::unique_lock guard{mutex_};
  if (has_news() || timeout <= std::chrono::milliseconds{})
    return take();
  auto& mine = sleeper::of_this_thread();
  guard.unlock();
  mine.look([&] { return changes_.load(std::memory_order_acquire) != seen; });
  guard.lock();
  if (!has_news())
    mine.sleep([&] { return changed_.wait_for(guard, timeout, has_news); });
  return take();
}

// @pre locked @returns nothing if there is none
std::optional<incoming_message> client_inbox::take() {
  if (messages_.empty())
    return std::nullopt;
  auto message = std::move(messages_.front());
  messages_.pop_front();
  bytes_ -= size_bytes(message);
  if (held_back_ && messages_.size() <= messages_max_ / 2 && bytes_ <= bytes_max_ / 2)
    post(std::exchange(held_back_, {}).get(), receive_more{}, nullptr);
  return message;
}

std::uint64_t client_inbox::dropped() const {
  std::lock_guard guard{mutex_};
  return dropped_;
}

} // namespace actorbus
