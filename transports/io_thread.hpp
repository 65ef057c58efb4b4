#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include <caf/actor_control_block.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/buffer.hpp>
#include <actorbus/actors/sleeper.hpp>
#include <actorbus/transports/lookout.hpp>
#include <actorbus/transports/timer_wheel.hpp>

namespace boost::asio {
class io_context;
} // namespace boost::asio

namespace actorbus::transports {

/// One thread that waits for sockets and runs the actors that are homed on it: an execution unit
/// of CAF's around one Asio `io_context`. Connections and their sessions live here, so what a
/// socket brings in reaches its session, and the answer the socket, without another thread.
///
/// Outlives its actors. `stop` when they are done, before the actor system goes.
class io_thread final : public caf::execution_unit {
public:
  /// @param number names the thread: "actorbus-io-0"
  io_thread(caf::actor_system& system, std::size_t number);
  ~io_thread() override;
  io_thread(const io_thread&) = delete;
  io_thread& operator=(const io_thread&) = delete;

  void start();

  /// Ends the thread after what it is doing, and waits for it. What is queued is dropped.
  void stop();

  /// Queues an actor. One homed here runs here; all others go to CAF's pool. Any thread.
  void exec_later(caf::resumable* job) override;

  bool on_thread() const noexcept;

  // -- for actors that run on this thread ---------------------------------------------------------

  boost::asio::io_context& context() noexcept;

  /// Calls `what.on_deadline` on this thread, up to 32 ms late.
  void set_deadline(timer_wheel::entry& what, duration delay);
  void cancel_deadline(timer_wheel::entry& what) noexcept { wheel_.cancel(what); }

  /// Lets all deadlines come now. Any thread.
  void hurry();

  /// Looks at `what` until there are news, which it is told once.
  /// @param owner kept alive until then
  void look_out(lookout& what, caf::strong_actor_ptr owner);

  /// An armed lookout's news have ended the thread's sleep.
  void woken();

  /// A block that sockets are read into before anyone knows how much will come: lent for one
  /// read. Who hands it on to others leaves nullptr behind.
  buffer_ptr& read_block();
  static constexpr std::size_t read_block_bytes = 64 * 1024;

  /// Frames that the running actor has collected for its socket; empty between two actors.
  std::vector<frame>& outgoing() noexcept { return outgoing_; }

  /// Memory for joining small frames; contents are lost when another actor runs.
  std::uint8_t* join_block() noexcept { return join_block_.get(); }
  static constexpr std::size_t join_block_bytes = 64 * 1024;

private:
  enum class state : std::uint8_t {
    awake,
    asleep, ///< or about to: who queues something must wake it
    waking, ///< somebody does that already
  };
  struct asio_side;
  struct watched {
    lookout* what;
    caf::strong_actor_ptr owner;
  };

  static bool has_news(const watched& each) noexcept;
  void run();
  void run_once();
  void recover() noexcept;
  bool look_around();
  bool look_longer();
  bool arm_lookouts();
  bool sleep_until_something_happens();
  void poll_for_more();
  void run_queue();
  bool take_remote() noexcept;
  void wake();
  void arm_timer();
  void release_queued() noexcept;

  std::unique_ptr<asio_side> asio_;
  timer_wheel wheel_;

  // Touched by this thread only.
  batch_actor* first_ = nullptr;
  batch_actor* last_ = nullptr;
  std::uint32_t poll_pause_ = 0; ///< sleeps until `poll_for_more` tries again
  std::uint32_t poll_backoff_ = 0;
  std::vector<watched> lookouts_; ///< news wake nobody: they are looked for
  sleeper sleeper_;               ///< asleep while lookouts are armed
  std::uint32_t rounds_ = 0;      ///< since sockets were looked at
  buffer_ptr read_block_;
  std::vector<frame> outgoing_;
  std::unique_ptr<std::uint8_t[]> join_block_;

  // Touched by others.
  alignas(64) std::atomic<batch_actor*> remote_{nullptr}; ///< latest first
  std::atomic<state> state_{state::awake};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> hurry_{false};

  std::size_t number_;
  std::thread thread_;
};

} // namespace actorbus::transports
