#include "bus_many.hpp"

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/outbound_meter.hpp>
#include <actorbus/protocol/frame.hpp>

#include <condition_variable>
#include <cstring>
#include <mutex>

namespace actorbus::conformance {

namespace {

/// What the test and its channel's actor share.
struct mailbox_line {
  std::mutex mutex;
  std::condition_variable changed;
  byte_vector received;
  std::vector<frame> unsent; ///< until there is a session
  caf::actor session;
  std::uint32_t link = 0;
  bool closed = false;
  std::shared_ptr<outbound_meter> meter = std::make_shared<outbound_meter>();

  void send(frame packets) {
    if (!session) {
      unsent.push_back(std::move(packets));
      return;
    }
    packets.link = link;
    post(session, std::move(packets), nullptr);
  }
};

class mailbox_channel : public batch_actor {
public:
  mailbox_channel(caf::actor_config& config, std::shared_ptr<mailbox_line> line)
      : batch_actor{config, nullptr}, line_{std::move(line)} {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<frame, session_opened, close_channel, channel_closed>(element, [this](auto& message) {
      const std::lock_guard guard{line_->mutex};
      on(message);
      line_->changed.notify_all();
    });
  }

private:
  void on(frame& packets) {
    const auto view = packets.view();
    line_->received.insert(line_->received.end(), view.begin(), view.end());
    if (line_->meter->take(packets.size) && line_->session)
      post(line_->session, outbound_drained{}, context());
  }
  void on(session_opened& message) {
    if (line_->closed) {
      post(message.session, channel_closed{message.link, {}}, context());
      return;
    }
    line_->session = message.session;
    line_->link = message.link;
    for (auto& each : std::exchange(line_->unsent, {}))
      line_->send(std::move(each));
  }
  void on(close_channel&) { end(); }
  /// From the test: its side ends.
  void on(channel_closed&) {
    if (line_->session)
      post(line_->session, channel_closed{line_->link, {}}, context());
    end();
  }

  void end() {
    line_->closed = true;
    line_->session = {};
    quit();
  }

  std::shared_ptr<mailbox_line> line_;
};

class mailbox_wire : public wire {
public:
  mailbox_wire(caf::actor_system& system, caf::actor broker)
      : broker_{std::move(broker)}, channel_{system.spawn<mailbox_channel>(line_)} {}

  ~mailbox_wire() override { close(); }

  void write(std::span<const std::uint8_t> data) override {
    pending_.insert(pending_.end(), data.begin(), data.end());
    while (channel_ && !pending_.empty()) {
      const auto found = protocol::read_frame(pending_, protocol::packet_size_bytes_max);
      if (found && !found->complete)
        return;
      hand_on(found ? found->header.size() : pending_.size());
    }
  }

  arrival read(std::chrono::milliseconds timeout) override {
    std::unique_lock lock{line_->mutex};
    line_->changed.wait_for(lock, timeout, [this] { return line_->closed || !line_->received.empty(); });
    const auto closed = line_->closed && line_->received.empty();
    return {std::exchange(line_->received, {}), closed};
  }

  void close() override {
    if (channel_)
      post(channel_, channel_closed{}, nullptr);
    channel_ = {};
  }

private:
  void hand_on(std::size_t size) {
    frame packet{buffer::make(size), 0, static_cast<std::uint32_t>(size)};
    std::memcpy(packet.bytes->data(), pending_.data(), size);
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(size));
    if (!std::exchange(opened_, true)) {
      open_session request;
      request.channel.channel = channel_;
      request.channel.transport = "memory";
      request.channel.peer = "test";
      request.channel.meter = line_->meter;
      request.connect = std::move(packet);
      post(broker_, std::move(request), nullptr);
      return;
    }
    const std::lock_guard guard{line_->mutex};
    line_->send(std::move(packet));
  }

  std::shared_ptr<mailbox_line> line_ = std::make_shared<mailbox_line>();
  caf::actor broker_;
  caf::actor channel_;
  byte_vector pending_;
  bool opened_ = false;
};

} // namespace

std::unique_ptr<wire> open_memory_wire(caf::actor_system& system, const caf::actor& broker) {
  return std::make_unique<mailbox_wire>(system, broker);
}

} // namespace actorbus::conformance
