#include <actorbus/transports/connection.hpp>

#include <array>
#include <cassert>
#include <cstring>
#include <iterator>
#include <utility>

#include <actorbus/protocol/errc.hpp>
#include <actorbus/transports/frame_writer.hpp>

namespace actorbus::transports {

namespace {

using outcome = io_result::outcome;
using protocol::reason_code;

/// How long a peer may take to end a connection that we have ended.
constexpr std::uint32_t linger_ms = 1'000;

/// One allocation for both of a connection's counters.
struct traffic {
  explicit traffic(std::size_t inbound_bytes_max) : inbound(inbound_bytes_max) {}
  credit_account inbound;
  outbound_meter outbound;
};

/// The protocol level of a CONNECT: the byte behind the protocol's name.
protocol::protocol_version version_of(const frame& connect) noexcept {
  auto bytes = connect.view();
  std::size_t at = 1;
  while (at < bytes.size() && (bytes[at] & 0x80) != 0)
    ++at;
  if (at + 3 > bytes.size())
    return protocol::protocol_version::v5;
  at += 3u + static_cast<std::size_t>(bytes[at + 1] << 8 | bytes[at + 2]);
  // A bridge marks itself with the top bit.
  return at < bytes.size() ? static_cast<protocol::protocol_version>(bytes[at] & 0x7F)
                           : protocol::protocol_version::v5;
}

} // namespace

connection::connection(caf::actor_config& config, io_thread& home, std::unique_ptr<stream> bytes,
                       gate_ptr entrance, caf::actor broker)
    : batch_actor(config, &home),
      counterpart_(std::move(broker)),
      stream_(std::move(bytes)),
      gate_(std::move(entrance)),
      side_(side::broker) {
  gate_->counters->open.fetch_add(1, std::memory_order_relaxed);
}

connection::connection(caf::actor_config& config, io_thread& home, std::unique_ptr<stream> bytes,
                       gate_ptr entrance, channel_info client, frame connect)
    : batch_actor(config, &home),
      counterpart_(std::move(client.channel)),
      stream_(std::move(bytes)),
      gate_(std::move(entrance)),
      meter_(std::move(client.meter)),
      stage_(stage::awaiting_session),
      side_(side::client) {
  backlog_.push_back(std::move(connect)); // until `on_start`
  gate_->counters->open.fetch_add(1, std::memory_order_relaxed);
}

// -- life ------------------------------------------------------------------------------------------

void connection::on_start() {
  stream_->open(*this, *this);
  if (side_ == side::broker) {
    if (gate_->closed) {
      quit();
      return;
    }
    set_deadline(bounds().connect_timeout_ms);
    read_on();
    return;
  }
  open_account(std::move(meter_));
  auto connect = std::move(backlog_.front());
  backlog_ = {};
  session_opened opened{caf::actor_cast<caf::actor>(this), version_of(connect)};
  handle(connect);
  session_opened itself{counterpart_, opened.version};
  handle(itself);
  post(counterpart_, std::move(opened), context());
}

void connection::open_account(std::shared_ptr<outbound_meter> meter) {
  auto both = std::make_shared<traffic>(bounds().inbound_bytes_max);
  account_ = {both, &both->inbound};
  meter_ = meter ? std::move(meter) : std::shared_ptr<outbound_meter>{both, &both->outbound};
  account_->owner(caf::actor_cast<caf::actor>(this));
}

bool connection::on_message(caf::mailbox_element& element) {
  return match_message<frame, session_opened, close_channel, channel_closed, credit_granted>(
      element, [this](auto& message) { handle(message); });
}

void connection::handle(session_opened& answer) {
  if (stage_ != stage::awaiting_session)
    return;
  thread().cancel_deadline(*this);
  stage_ = stage::open;
  counterpart_ = std::move(answer.session);
  link_ = answer.link;
  monitor(counterpart_);
  monitoring_ = true;
  auto kept = assembler_.resume(thread().read_block(), bounds().packet_size_bytes_max, account_);
  hand_on(kept);
}

void connection::on_down(caf::down_msg&) {
  monitoring_ = false;
  begin_close();
}

// Says once, and only to those who know of us, that the channel is no more.
void connection::tell_counterpart(reason_code reason, std::string_view text) {
  if (stage_ != stage::open)
    return;
  if (side_ == side::broker)
    post(counterpart_, channel_closed{link_, reason}, context());
  else
    post(counterpart_, close_channel{reason, std::string{text}}, context());
}

void connection::begin_close() {
  if (stage_ >= stage::flushing)
    return;
  stage_ = stage::flushing;
  progressed_ = false;
  set_deadline(linger_ms);
  read_on(); // a peer that still writes must not be kept from reading our last words
}

void connection::linger() {
  stage_ = stage::lingering;
  if (peer_ended_ || write_failed_) {
    quit();
    return;
  }
  stream_->shut_down();
  set_deadline(linger_ms);
}

void connection::on_deadline(bool hurried) {
  caf::strong_actor_ptr keep{ctrl()};
  run_here([&] {
    switch (stage_) {
    case stage::awaiting_connect:
    case stage::awaiting_session:
      if (hurried && !gate_->closed) {
        set_deadline(bounds().connect_timeout_ms);
        break;
      }
      if (!hurried)
        gate_->counters->expired.fetch_add(1, std::memory_order_relaxed);
      quit();
      break;
    case stage::open:
      if (paused_ && !hurried) {
        // Whoever holds what was read doesn't give it back: others shall not wait for that.
        paused_ = false;
        account_->forgive();
        read_on();
      }
      if (backlog_.empty() && !paused_)
        break;
      if (progressed_ || hurried || backlog_.empty())
        set_deadline(bounds().stall_timeout_ms);
      else
        stall();
      progressed_ = false;
      break;
    case stage::refusing: begin_close(); break;
    case stage::flushing:
    case stage::lingering:
      if (hurried || std::exchange(progressed_, false))
        set_deadline(linger_ms);
      else
        quit();
      break;
    case stage::ended: break;
    }
  });
}

void connection::set_deadline(std::uint32_t milliseconds) {
  thread().set_deadline(*this, std::chrono::milliseconds{milliseconds});
}

void connection::on_exit() {
  tell_counterpart(reason_code::unspecified_error, "the connection was ended");
  stage_ = stage::ended;
  thread().cancel_deadline(*this);
  stream_->close();
  if (!stream_->waiting())
    stream_.reset();
  backlog_ = {};
  if (account_)
    account_->close();
  if (monitoring_)
    demonitor(counterpart_);
  counterpart_ = nullptr;
  gate_->counters->open.fetch_sub(1, std::memory_order_relaxed);
}

// -- reading ---------------------------------------------------------------------------------------

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
  request.connect = std::move(connect);
  post(counterpart_, std::move(request), context());
  set_deadline(bounds().connect_timeout_ms); // for the broker's answer
}

void connection::hand_on(frame_assembler::result& incoming) {
  for (std::size_t i = 0; i < incoming.count; ++i) {
    incoming.frames[i].link = link_;
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
  reading_ = true;
  stream_->wait_readable();
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
    tell_counterpart(reason_code::server_unavailable,
                     how.what == outcome::end ? "closed by the server" : std::strerror(how.error));
  stage_ = stage::lingering;
  quit();
}

// -- writing ---------------------------------------------------------------------------------------

void connection::handle(frame& outgoing) {
  if (stage_ >= stage::lingering || write_failed_) {
    written(outgoing.size);
    return;
  }
  auto& frames = backlog_.empty() ? thread().outgoing() : backlog_;
  frames.push_back(std::move(outgoing));
}

void connection::on_batch_end() {
  if (auto& frames = thread().outgoing(); !frames.empty())
    write(frames);
  else if (stalled_ && backlog_.size() > 1)
    compact_frames(backlog_);
  if (stage_ == stage::flushing && backlog_.empty())
    linger();
}

void connection::on_writable() {
  writing_ = false;
  if (!forget_stream_if_ended())
    run_here([this] {
      if (!backlog_.empty())
        write(backlog_);
    });
}

void connection::write(std::vector<frame>& frames) {
  auto result = write_frames(*stream_, frames, thread().join_block(), io_thread::join_block_bytes);
  if (result.bytes > 0)
    written(result.bytes);
  if (result.what == outcome::failed) {
    give_up_writing(frames);
    return;
  }
  if (frames.empty()) {
    if (&frames == &backlog_) {
      backlog_ = {};
      if (stage_ == stage::open && !paused_)
        thread().cancel_deadline(*this);
    }
    return;
  }
  if (&frames != &backlog_) {
    backlog_.assign(std::make_move_iterator(frames.begin()), std::make_move_iterator(frames.end()));
    frames.clear();
    if (stage_ == stage::open)
      set_deadline(bounds().stall_timeout_ms);
  }
  if (!writing_) {
    writing_ = true;
    stream_->wait_writable();
  }
}

// The peer reads no more, but what it has said before may still lie in the socket, a DISCONNECT
// perhaps: so reading goes on until its end.
void connection::give_up_writing(std::vector<frame>& frames) {
  write_failed_ = true;
  std::size_t lost_bytes = 0;
  for (const auto& each : frames)
    lost_bytes += each.size;
  frames.clear();
  written(lost_bytes);
  if (stage_ == stage::open && !paused_)
    thread().cancel_deadline(*this);
}

void connection::written(std::size_t bytes) {
  progressed_ = true;
  if (std::exchange(stalled_, false)) {
    meter_->stalled.store(false, std::memory_order_relaxed);
    if (stage_ == stage::open)
      set_deadline(bounds().stall_timeout_ms);
  }
  if (meter_ && meter_->take(bytes))
    post(counterpart_, outbound_drained{}, context());
}

// The peer takes nothing. What waits for it must not hold on to publishers' buffers any longer.
void connection::stall() {
  stalled_ = true;
  meter_->stalled.store(true, std::memory_order_relaxed);
  compact_frames(backlog_);
}

} // namespace actorbus::transports
