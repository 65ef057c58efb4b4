#pragma once

#include <cstddef>

#include <caf/actor_traits.hpp>
#include <caf/intrusive/lifo_inbox.hpp>
#include <caf/local_actor.hpp>
#include <caf/resumable.hpp>
#include <caf/sec.hpp>

#include <actorbus/actors/caf.hpp>

namespace actorbus {

/// The base of all actors that carry traffic. A CAF actor like any other to the outside: handles,
/// monitors, links and exit messages work. Inside it differs from CAF's event-based actor in what
/// traffic needs:
///
/// - One first-in first-out inbox and no behaviour stack: a quarter of the memory (some 270 bytes)
///   and of the time per message.
/// - Batches: whatever one turn finds in the mailbox is one batch; `on_batch_end` is called once
///   after it, and there actors flush.
/// - A home: an actor with an execution unit of its own (an I/O thread) runs there always; one
///   without runs on CAF's pool.
///
/// Handlers must not block. What they throw ends the actor with the error.
class batch_actor : public caf::local_actor,
                    public caf::dynamically_typed_actor_base,
                    public caf::non_blocking_actor_base,
                    public caf::resumable {
public:
  using signatures = caf::none_t;
  using behavior_type = void;

  /// @param home where the actor runs; nullptr: CAF's pool. Outlives the actor
  batch_actor(caf::actor_config& config, caf::execution_unit* home);

  using caf::local_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* context) override;
  void launch(caf::execution_unit* context, bool lazy, bool hide) override;
  bool cleanup(caf::error&& reason, caf::execution_unit* context) override;

  subtype_t subtype() const override;
  resume_result resume(caf::execution_unit* context, std::size_t max_throughput) final;
  void intrusive_ptr_add_ref_impl() override;
  void intrusive_ptr_release_impl() override;

  caf::execution_unit* home() const noexcept { return home_; }

  /// Lets the actor's home link it into a list of what is to run; of no use to anyone else.
  batch_actor* next_to_run = nullptr;

protected:
  /// Runs once, before the first message.
  virtual void on_start() {}

  /// Handles one message; `match_message` tells what it is.
  /// @returns false for a message that it doesn't know: exit and down messages are then handled
  ///          by this class, others are dropped
  virtual bool on_message(caf::mailbox_element& element) = 0;

  /// The mailbox is empty, or the turn is over: flush.
  virtual void on_batch_end() {}

  /// Another actor that this one monitors is gone.
  virtual void on_down(caf::down_msg&) {}

  /// An exit message came from a linked actor or by `send_exit`; ends this actor by default for
  /// every reason but `normal`.
  virtual void on_exit_message(caf::exit_msg& message);

  /// Ends the actor once the current handler has returned.
  void quit(caf::error reason = caf::exit_reason::normal);

  /// Runs `body` as if it were a handler of a message: for events that come to the actor's home
  /// without a mailbox, such as a socket that became readable. Calls `on_batch_end` afterwards.
  /// @pre on the home's thread; the caller holds a reference
  template <class F>
  void run_here(F&& body) {
    if (ended_)
      return;
    context(home_);
    try {
      body();
    } catch (...) {
      quit(caf::sec::runtime_error);
    }
    end_turn();
  }

  time_point now() const { return clock().now(); }

private:
  struct inbox_policy {
    using mapped_type = caf::mailbox_element;
    using unique_pointer = caf::mailbox_element_ptr;
  };

  bool fetch() noexcept;
  void dispatch(caf::mailbox_element& element);
  bool end_turn();
  void schedule(caf::execution_unit* context);

  caf::intrusive::lifo_inbox<inbox_policy> inbox_;
  caf::mailbox_element* batch_ = nullptr; ///< taken out of the inbox, oldest first
  caf::execution_unit* home_;
  bool started_ = false;
  bool quitting_ = false;
  bool ended_ = false;
};

} // namespace actorbus
