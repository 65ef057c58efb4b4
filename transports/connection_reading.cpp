// From the stream to the session.

#include <array>
#include <utility>

#include <actorbus/protocol/errc.hpp>
#include <actorbus/transports/connection.hpp>

namespace actorbus::transports {

using outcome = io_result::outcome;
using protocol::reason_code;

void connection::on_readable() {
  reading_ = false;
  if (!forget_stream_if_ended())
    run_here([this] { stage_ < stage::flushing ? read() : discard(); });
}

// The stream must live until the last wait is answered, and not longer: the thread may end then.
bool connection::forget_stream_if_ended() {
  if (stage_ != stage::ended)
    return false;
  if (!stream_->waiting())
    stream_.reset();
  return true;
}

void connection::read() {
  auto& block = thread().read_block();
  std::array<iovec, 2> pieces;
  auto result = stream_->read(assembler_.where(*block, pieces));
  switch (result.what) {
  case outcome::moved: received(result.bytes); break;
  case outcome::would_block: read_on(); break;
  case outcome::end:
  case outcome::failed: lost(result); break;
  }
}

void connection::received(std::size_t count) {
  auto& block = thread().read_block();
  if (stage_ == stage::open) {
    auto incoming = assembler_.cut(count, block, bounds().packet_size_bytes_max, account_);
    hand_on(incoming);
    return;
  }
  if (!account_)
    open_account(nullptr);
  auto incoming = assembler_.cut_one(count, block, bounds().connect_size_bytes_max, account_);
  if (incoming.count > 0)
    first_packet(std::move(incoming.frames[0]));
  else if (incoming.fault != protocol::errc::none)
    quit();
  else
    read_on();
}

void connection::first_packet(frame connect) {
  stage_ = stage::awaiting_session;
  open_session request;
  request.channel.channel = caf::actor_cast<caf::actor>(this);
  request.channel.transport = gate_->transport;
  request.channel.peer = stream_->peer();
  request.channel.meter = meter_;
  request.channel.home = home();
  request.channel.identity = stream_->identity();
  request.channel.policy = gate_->policy;
  request.connect = std::move(connect);
  post(counterpart_, std::move(request), context());
  set_deadline(bounds().connect_timeout_ms); // for the broker's answer
}

void connection::hand_on(frame_assembler::result& incoming) {
  for (std::size_t i = 0; i < incoming.count; ++i) {
    incoming.frames[i].link = link_;
    if (side_ == side::client)
      meter_->add(incoming.frames[i].size); // as a session does: the client takes
    post(counterpart_, std::move(incoming.frames[i]), context());
  }
  if (incoming.fault == protocol::errc::none) {
    read_on();
    return;
  }
  tell_counterpart(protocol::to_reason_code(incoming.fault), protocol::to_string(incoming.fault));
  stage_ = stage::refusing;
  set_deadline(linger_ms);
}

// Waits for more to read, unless what was read is still on its way through the bus: then
// `credit_granted` comes back here.
void connection::read_on() {
  if (reading_ || peer_ended_ || stage_ == stage::awaiting_session || stage_ == stage::refusing)
    return;
  if (stage_ == stage::open && account_->exhausted() && account_->wait()) {
    if (!std::exchange(paused_, true))
      set_deadline(bounds().stall_timeout_ms);
    return;
  }
  paused_ = false;
  if (waits_for_client())
    return;
  reading_ = true;
  stream_->wait_readable();
}

// A client whose owner has more than it wants takes nothing: then the server shall wait, too.
bool connection::waits_for_client() noexcept {
  auto limit = bounds().inbound_bytes_max;
  return stage_ == stage::open && side_ == side::client && meter_->bytes() >= limit &&
         meter_->wait(limit);
}

// What comes in after the end is of no interest, but unread it would turn our end into a reset.
void connection::discard() {
  auto& block = thread().read_block();
  iovec piece{block->data(), block->capacity()};
  auto result = stream_->read({&piece, 1});
  if (result.what == outcome::end || result.what == outcome::failed)
    lost(result);
  else
    read_on();
}

void connection::lost(io_result how) {
  peer_ended_ = true;
  if (stage_ == stage::flushing && how.what == outcome::end)
    return; // it may still read
  if (side_ == side::broker)
    tell_counterpart(reason_code::success, {});
  else
    tell_counterpart(reason_code::server_unavailable, stream_->explain(how));
  stage_ = stage::lingering;
  quit();
}

} // namespace actorbus::transports
