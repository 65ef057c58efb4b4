#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/outbound_meter.hpp>
#include <actorbus/transports/frame_assembler.hpp>
#include <actorbus/transports/gate.hpp>
#include <actorbus/transports/io_thread.hpp>
#include <actorbus/transports/stream.hpp>

namespace actorbus::transports {

/// The bridge between a socket and a mailbox: a channel whose other end lies across a network.
///
/// On a broker's side it reads the first packet, asks the broker for a session, and from then on
/// turns what comes in into frames for the session and the session's frames into writes. On a
/// client's side it does the same with the client in the session's place: see `dial`.
///
/// While nothing happens it holds a few hundred bytes and no buffer.
class connection final : public batch_actor, private stream::listener, private timer_wheel::entry {
public:
  /// The broker's side.
  connection(caf::actor_config& config, io_thread& home, std::unique_ptr<stream> bytes,
             gate_ptr entrance, caf::actor broker);

  /// The client's side: `connect` goes out first, and `client.channel` is told `session_opened`.
  connection(caf::actor_config& config, io_thread& home, std::unique_ptr<stream> bytes,
             gate_ptr entrance, channel_info client, frame connect);

private:
  enum class stage : std::uint8_t {
    awaiting_connect, ///< no whole packet has come yet
    awaiting_session, ///< the broker looks for one; nothing is read
    open,
    refusing,  ///< the peer broke the rules; its session may have a last word
    flushing,  ///< asked to close: what is queued goes out
    lingering, ///< all is said; waits for the peer's end, so that no reset eats the last words
    ended,
  };

  enum class side : std::uint8_t { broker, client };

  /// How long a peer may take to end a connection that we have ended.
  static constexpr std::uint32_t linger_ms = 1'000;

  /// How often an end that goes on may be hurried before it is cut short.
  static constexpr std::uint8_t hurries_max = 8;

  io_thread& thread() const noexcept { return static_cast<io_thread&>(*home()); }
  const actorbus::limits& bounds() const noexcept { return gate_->limits; }

  void on_start() override;
  bool on_message(caf::mailbox_element& element) override;
  void on_batch_end() override;
  void on_down(caf::down_msg& message) override;
  void on_exit() override;

  void on_readable() override;
  void on_writable() override;
  void on_deadline(bool hurried) override;

  void handle(frame& outgoing);
  void handle(session_opened& answer);
  void handle(close_channel&) { begin_close(); }
  void handle(channel_closed&) { begin_close(); }
  void handle(credit_granted&) { read_on(); }
  void handle(outbound_drained&) { read_on(); } // the client has room again

  void read();
  void discard();
  void received(std::size_t count);
  void first_packet(frame connect);
  void hand_on(frame_assembler::result& incoming);
  void read_on();
  bool waits_for_client() noexcept;
  void lost(io_result how);

  void write(std::vector<frame>& frames);
  void give_up_writing(std::vector<frame>& frames);
  void written(std::size_t bytes);
  void stall();
  void wait_for_stalled();

  void open_account(std::shared_ptr<outbound_meter> meter);
  void tell_counterpart(protocol::reason_code reason, std::string_view text);
  void begin_close();
  void linger();
  bool forget_stream_if_ended();
  void set_deadline(std::uint32_t milliseconds);

  caf::actor counterpart_; ///< the broker, then the session; or the client
  std::unique_ptr<stream> stream_;
  gate_ptr gate_;
  credit_account_ptr account_;            ///< charged for what was read
  std::shared_ptr<outbound_meter> meter_; ///< of what is on its way to the channel's client
  frame_assembler assembler_;
  std::vector<frame> backlog_; ///< what the socket didn't take yet
  std::size_t compacted_ = 0;  ///< so many of them, from the first, are blocks of our own
  time_point stalled_since_{}; ///< the peer's last sign of life; set while `stalled_`
  std::uint32_t link_ = 0;     ///< `session_opened::link`; to a client `channel_info::attempt`
  stage stage_ = stage::awaiting_connect;
  const side side_;
  std::uint8_t hurries_ = 0;
  bool reading_ = false;    ///< waits for the stream to be readable
  bool paused_ = false;     ///< reads nothing until what was read has left the bus
  bool writing_ = false;    ///< waits for the stream to be writable
  bool progressed_ = false; ///< something was written since the deadline was set
  bool stalled_ = false;
  bool write_failed_ = false; ///< nothing can be written any more
  bool peer_ended_ = false;   ///< nothing more will be read
  bool monitoring_ = false;
};

} // namespace actorbus::transports
