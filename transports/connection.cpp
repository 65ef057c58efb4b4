#include <actorbus/transports/connection.hpp>

#include <utility>

namespace actorbus::transports {

namespace {

using protocol::reason_code;

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
  gate_->enter();
}

connection::connection(caf::actor_config& config, io_thread& home, std::unique_ptr<stream> bytes,
                       gate_ptr entrance, channel_info client, frame connect)
    : batch_actor(config, &home),
      counterpart_(std::move(client.channel)),
      stream_(std::move(bytes)),
      gate_(std::move(entrance)),
      meter_(std::move(client.meter)),
      link_(client.attempt),
      stage_(stage::awaiting_session),
      side_(side::client) {
  backlog_.push_back(std::move(connect)); // until `on_start`
  gate_->enter();
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
  auto attempt = std::exchange(link_, 0);
  session_opened opened{caf::actor_cast<caf::actor>(this), version_of(connect), 0, attempt};
  handle(connect);
  session_opened itself{counterpart_, opened.version, attempt};
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
  return match_message<frame, session_opened, close_channel, channel_closed, credit_granted,
                       outbound_drained>(element, [this](auto& message) { handle(message); });
}

void connection::handle(session_opened& answer) {
  // Who asks the peer for more before it is let in stands in for the session, without a link.
  auto stood_in = stage_ == stage::open && side_ == side::broker && link_ == 0;
  if (stage_ != stage::awaiting_session && !stood_in)
    return;
  thread().cancel_deadline(*this);
  stage_ = stage::open;
  counterpart_ = std::move(answer.session);
  link_ = answer.link;
  if (side_ == side::client || link_ != 0) {
    monitor(counterpart_);
    monitoring_ = true;
  }
  if (stood_in)
    return;
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
    post(counterpart_, close_channel{reason, std::string{text}, link_}, context());
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
  progressed_ = false;
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
      if (paused_ && !hurried && backlog_.empty()) {
        // Whoever holds what was read doesn't give it back: others shall not wait for that.
        paused_ = false;
        account_->forgive();
        read_on();
      }
      if (backlog_.empty() && !paused_)
        break;
      if (stalled_)
        wait_for_stalled();
      else if (progressed_ || hurried || backlog_.empty())
        set_deadline(bounds().stall_timeout_ms);
      else
        stall();
      progressed_ = false;
      break;
    case stage::refusing: begin_close(); break;
    case stage::flushing:
    case stage::lingering: {
      // Hurried by somebody else's end it may take its time, but not for ever.
      auto patient = std::exchange(progressed_, false) || (hurried && !gate_->closed);
      if (patient && !(hurried && ++hurries_ == hurries_max))
        set_deadline(linger_ms);
      else
        quit();
      break;
    }
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
  if (thread().on_thread())
    thread().outgoing().clear(); // a write that threw has left them: they are for no other socket
  stream_->close();
  if (!stream_->waiting())
    stream_.reset();
  backlog_ = {};
  if (account_)
    account_->close();
  if (monitoring_)
    demonitor(counterpart_);
  counterpart_ = nullptr;
  gate_->leave();
}

} // namespace actorbus::transports
