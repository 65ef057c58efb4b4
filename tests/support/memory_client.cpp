#include "memory_client.hpp"

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/outbound_meter.hpp>

#include <caf/send.hpp>

#include <cstring>

namespace actorbus::test {

/// What the test and the channel's actor share; one thread, so no lock.
struct memory_client::line {
  conformance::byte_vector received;
  caf::actor session;
  std::uint32_t link = 0;
  bool closed = false;
  protocol::reason_code close_reason{};
  bool reads = true;
  std::shared_ptr<outbound_meter> meter = std::make_shared<outbound_meter>();

  void take(std::size_t bytes) {
    if (meter->take(bytes) && session)
      post(session, outbound_drained{}, nullptr);
  }
};

namespace {

class channel_actor : public batch_actor {
public:
  channel_actor(caf::actor_config& config, std::shared_ptr<memory_client::line> line)
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
    if (line_->reads)
      line_->take(packets.size);
  }
  void on(session_opened& message) {
    line_->session = message.session;
    line_->link = message.link;
  }
  void on(close_channel& message) {
    line_->closed = true;
    line_->close_reason = message.reason;
    line_->session = {};
    quit();
  }
  void on(outbound_drained&) {}

  std::shared_ptr<memory_client::line> line_;
};

} // namespace

frame make_frame(std::span<const std::uint8_t> packets, std::uint32_t link) {
  frame result{buffer::make(packets.size()), 0, static_cast<std::uint32_t>(packets.size()), link};
  std::memcpy(result.bytes->data(), packets.data(), packets.size());
  return result;
}

memory_client::memory_client(virtual_system& world, caf::actor broker, conformance::version v)
    : world_{world},
      broker_{std::move(broker)},
      version_{v},
      line_{std::make_shared<line>()},
      meter_{line_->meter},
      channel_{world.system().spawn<channel_actor>(line_)} {}

memory_client::~memory_client() {
  kill(caf::exit_reason::user_shutdown);
  line_->session = {};
}

void memory_client::post_bytes(const conformance::byte_vector& packets) {
  auto data = make_frame(packets, line_->link);
  if (!std::exchange(opened_, true))
    post(broker_, open_session{{channel_, transport, "test", meter_, nullptr, identity, policy}, std::move(data)},
         nullptr);
  else if (line_->session)
    post(line_->session, std::move(data), nullptr);
}

conformance::byte_vector memory_client::received_bytes() {
  world_.run();
  return std::exchange(line_->received, {});
}

std::string memory_client::received() {
  return describe(received_bytes(), version_);
}

void memory_client::reads(bool reads) {
  line_->reads = reads;
  if (reads)
    line_->take(meter_->bytes());
}

bool memory_client::closed() const noexcept {
  return line_->closed;
}

protocol::reason_code memory_client::close_reason() const noexcept {
  return line_->close_reason;
}

std::size_t memory_client::bytes_in_flight() const noexcept {
  return meter_->bytes();
}

void memory_client::close() {
  world_.run();
  if (line_->session)
    post(line_->session, channel_closed{line_->link, {}}, nullptr);
  line_->session = {};
  world_.run();
}

void memory_client::kill(caf::exit_reason reason) {
  if (channel_)
    caf::anon_send_exit(channel_, reason);
  channel_ = {};
}

const caf::actor& memory_client::session() const noexcept {
  return line_->session;
}

} // namespace actorbus::test
