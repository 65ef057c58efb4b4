#include "link_channel.hpp"

#include <condition_variable>
#include <mutex>

namespace actorbus::conformance {

/// Keeps for the test what the channel tells, on whatever thread.
struct channel_wire::events : transports::channel_events {
  std::mutex mutex;
  std::condition_variable changed;
  byte_vector inbound;
  bool sending = false;
  bool ended = false;

  bool received(protocol::byte_view bytes) override {
    const std::lock_guard guard{mutex};
    inbound.insert(inbound.end(), bytes.begin(), bytes.end());
    changed.notify_all();
    return true;
  }
  void sent() override {
    const std::lock_guard guard{mutex};
    sending = false;
    changed.notify_all();
  }
  void closed() override {
    const std::lock_guard guard{mutex};
    ended = true;
    changed.notify_all();
  }
};

channel_wire::channel_wire(std::unique_ptr<transports::channel> link)
    : link_{std::move(link)}, events_{std::make_shared<events>()} {
  link_->open(events_);
}

void channel_wire::write(std::span<const std::uint8_t> data) {
  {
    std::unique_lock lock{events_->mutex};
    events_->changed.wait_for(lock, patience, [this] { return events_->ended || !events_->sending; });
    if (events_->ended || events_->sending)
      return;
    events_->sending = true;
  }
  if (link_ && link_->send(data))
    events_->sent();
}

wire::arrival channel_wire::read(std::chrono::milliseconds timeout) {
  std::unique_lock lock{events_->mutex};
  events_->changed.wait_for(lock, timeout, [this] { return events_->ended || !events_->inbound.empty(); });
  const auto closed = events_->ended && events_->inbound.empty();
  return {std::exchange(events_->inbound, {}), closed};
}

void channel_wire::close() {
  if (link_)
    link_->close();
  link_ = nullptr;
  events_->closed();
}

} // namespace actorbus::conformance
