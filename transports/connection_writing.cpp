// From the session to the stream.

#include <algorithm>
#include <iterator>
#include <utility>

#include <actorbus/transports/connection.hpp>
#include <actorbus/transports/frame_writer.hpp>

namespace actorbus::transports {

using outcome = io_result::outcome;
using protocol::reason_code;

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
  else if (stalled_)
    compacted_ = compact_frames(backlog_, compacted_);
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
  auto count = frames.size();
  auto result = write_frames(*stream_, frames, thread().join_block(), io_thread::join_block_bytes);
  compacted_ -= std::min(compacted_, count - frames.size());
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
  if (side_ == side::broker && meter_ && meter_->take(bytes))
    post(counterpart_, outbound_drained{}, context());
}

// The peer takes nothing. What waits for it must not hold on to publishers' buffers any longer.
void connection::stall() {
  stalled_ = true;
  stalled_since_ = now() - std::chrono::milliseconds{bounds().stall_timeout_ms};
  meter_->stalled.store(true, std::memory_order_relaxed);
  compacted_ = compact_frames(backlog_, compacted_);
  wait_for_stalled();
}

// Whoever takes nothing for too long loses the connection: its session has the rest.
void connection::wait_for_stalled() {
  auto left = stalled_since_ + std::chrono::milliseconds{bounds().stall_disconnect_ms} - now();
  if (left > duration::zero()) {
    thread().set_deadline(*this, left);
    return;
  }
  gate_->counters->stalled.fetch_add(1, std::memory_order_relaxed);
  if (side_ == side::broker)
    tell_counterpart(reason_code::success, {});
  else
    tell_counterpart(reason_code::server_unavailable, "the server takes nothing");
  stage_ = stage::lingering;
  quit();
}

} // namespace actorbus::transports
