#include "channels.hpp"
#include "known_method.hpp"
#include "virtual_system.hpp"

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/outbound_meter.hpp>
#include <actorbus/protocol/frame.hpp>

#include <cstring>

namespace actorbus::conformance {

namespace {

/// What the test and its channel actor share; one thread, so no lock.
struct memory_line {
  byte_vector received;
  caf::actor session;
  std::uint32_t link = 0;
  bool closed = false;
};

/// A client's end of a memory channel that keeps the bytes for the test.
class memory_channel : public batch_actor {
public:
  memory_channel(caf::actor_config& config, std::shared_ptr<memory_line> line)
      : batch_actor{config, nullptr}, line_{std::move(line)} {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<frame, session_opened, close_channel, outbound_drained>(
        element, [this](auto& message) { on(message); });
  }

private:
  void on(frame& packets) {
    const auto view = packets.view();
    line_->received.insert(line_->received.end(), view.begin(), view.end());
  }
  void on(session_opened& message) {
    line_->session = message.session;
    line_->link = message.link;
  }
  void on(close_channel&) {
    line_->closed = true;
    quit();
  }
  void on(outbound_drained&) {}

  std::shared_ptr<memory_line> line_;
};

frame make_frame(std::span<const std::uint8_t> data, std::uint32_t link) {
  frame result{buffer::make(data.size()), 0, static_cast<std::uint32_t>(data.size()), link};
  std::memcpy(result.bytes->data(), data.data(), data.size());
  return result;
}

/// Cuts the test's bytes into whole packets, as every client of a memory channel does.
class memory_wire : public wire {
public:
  memory_wire(test::virtual_system& world, caf::actor broker)
      : world_{world},
        broker_{std::move(broker)},
        line_{std::make_shared<memory_line>()},
        meter_{std::make_shared<outbound_meter>()},
        channel_{world.system().spawn<memory_channel>(line_)} {}

  ~memory_wire() override { close(); }

  void write(std::span<const std::uint8_t> data) override {
    pending_.insert(pending_.end(), data.begin(), data.end());
    while (!pending_.empty() && !line_->closed) {
      const auto found = protocol::read_frame(pending_, protocol::packet_size_bytes_max);
      if (found && !found->complete)
        return;
      hand_on(found ? found->header.size() : pending_.size());
    }
  }

  arrival read(std::chrono::milliseconds) override {
    world_.run();
    const auto taken = meter_->take(line_->received.size());
    if (taken && line_->session)
      post(line_->session, outbound_drained{}, nullptr);
    world_.run();
    auto closed = line_->closed && line_->received.empty();
    return {std::exchange(line_->received, {}), closed};
  }

  void close() override {
    world_.run();
    if (line_->session && !line_->closed)
      post(line_->session, channel_closed{line_->link, {}}, nullptr);
    line_->closed = true;
    line_->session = {};
    if (channel_)
      post(channel_, close_channel{}, nullptr);
    channel_ = {};
    world_.run();
  }

private:
  void hand_on(std::size_t size) {
    auto packet = make_frame(std::span{pending_}.first(size), line_->link);
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(size));
    if (!std::exchange(opened_, true))
      post(broker_, open_session{{channel_, "memory", "test", meter_, nullptr}, std::move(packet)}, nullptr);
    else if (line_->session)
      post(line_->session, std::move(packet), nullptr);
    world_.run();
  }

  test::virtual_system& world_;
  caf::actor broker_;
  std::shared_ptr<memory_line> line_;
  std::shared_ptr<outbound_meter> meter_;
  caf::actor channel_;
  byte_vector pending_;
  bool opened_ = false;
};

class memory_bus : public bus {
public:
  std::unique_ptr<wire> open_wire() override { return std::make_unique<memory_wire>(world_, bus_.broker()); }

  bool advance(std::chrono::milliseconds time) override {
    world_.advance(time);
    return true;
  }

  bool carries_whole_packets_only() const override { return true; }

private:
  test::virtual_system world_;
  known_method known_method_{world_.system()};
  actorbus::bus bus_{world_.system(),
                     {.limits = limits_of_next_bus(), .seed = 1, .authenticator = known_method_.authenticator()}};
};

} // namespace

bus_factory memory_channels() {
  return {"memory", [] { return std::make_shared<memory_bus>(); }};
}

} // namespace actorbus::conformance
