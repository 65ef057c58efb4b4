#include <actorbus/actors/batch_actor.hpp>

#include <exception>

#include <caf/actor_registry.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/sec.hpp>

namespace actorbus {

batch_actor::batch_actor(caf::actor_config& config, caf::execution_unit* home)
    : caf::local_actor(config), home_(home) {}

void batch_actor::enqueue(caf::mailbox_element_ptr element, caf::execution_unit* context) {
  auto id = element->mid;
  auto sender = id.is_request() ? element->sender : nullptr;
  switch (inbox_.push_front(std::move(element))) {
  case caf::intrusive::inbox_result::unblocked_reader: schedule(context); break;
  case caf::intrusive::inbox_result::queue_closed:
    if (sender) {
      caf::detail::sync_request_bouncer bounce{caf::exit_reason::unreachable};
      bounce(sender, id);
    }
    break;
  case caf::intrusive::inbox_result::success: break;
  }
}

void batch_actor::schedule(caf::execution_unit* context) {
  intrusive_ptr_add_ref_impl();
  if (home_)
    home_->exec_later(this);
  else if (context)
    context->exec_later(this);
  else
    home_system().scheduler().enqueue(this);
}

void batch_actor::launch(caf::execution_unit* context, bool lazy, bool hide) {
  if (!hide)
    register_at_system();
  if (lazy && inbox_.try_block())
    return;
  schedule(context);
}

bool batch_actor::cleanup(caf::error&& reason, caf::execution_unit* context) {
  ended_ = true;
  caf::detail::sync_request_bouncer bounce{reason};
  auto drop = [&bounce](caf::mailbox_element* element) {
    caf::mailbox_element_ptr owned{element};
    bounce(*owned);
  };
  while (batch_) {
    auto* next = static_cast<caf::mailbox_element*>(batch_->next);
    drop(std::exchange(batch_, next));
  }
  if (!inbox_.closed())
    inbox_.close(drop);
  return caf::local_actor::cleanup(std::move(reason), context);
}

caf::resumable::subtype_t batch_actor::subtype() const {
  return home_ ? caf::resumable::io_actor : caf::resumable::scheduled_actor;
}

void batch_actor::intrusive_ptr_add_ref_impl() {
  caf::intrusive_ptr_add_ref(ctrl());
}

void batch_actor::intrusive_ptr_release_impl() {
  caf::intrusive_ptr_release(ctrl());
}

void batch_actor::on_exit_message(caf::exit_msg& message) {
  if (message.reason != caf::exit_reason::normal)
    quit(std::move(message.reason));
}

void batch_actor::quit(caf::error reason) {
  if (quitting_)
    return;
  fail_state_ = std::move(reason);
  quitting_ = true;
}

// Takes what others have put in, newest first, and turns it round.
bool batch_actor::fetch() noexcept {
  auto* newest = inbox_.take_head();
  while (newest) {
    auto* older = static_cast<caf::mailbox_element*>(newest->next);
    newest->next = batch_;
    batch_ = newest;
    newest = older;
  }
  return batch_ != nullptr;
}

void batch_actor::dispatch(caf::mailbox_element& element) {
  current_mailbox_element(&element);
  if (on_message(element))
    return;
  match_message<caf::exit_msg, caf::down_msg>(element, [this](auto& message) {
    if constexpr (std::is_same_v<decltype(message), caf::exit_msg&>)
      on_exit_message(message);
    else
      on_down(message);
  });
}

// Closes a turn. @returns false if the actor has ended
bool batch_actor::end_turn() {
  try {
    on_batch_end();
  } catch (...) {
    quit(caf::sec::runtime_error);
  }
  current_mailbox_element(nullptr);
  if (!quitting_)
    return true;
  on_exit();
  cleanup(std::move(fail_state_), context());
  return false;
}

caf::resumable::resume_result batch_actor::resume(caf::execution_unit* context,
                                                  std::size_t max_throughput) {
  if (ended_)
    return done;
  this->context(context);
  try {
    if (!started_) {
      started_ = true;
      on_start();
    }
    for (std::size_t handled = 0; !quitting_;) {
      if (!batch_ && !fetch()) {
        if (!end_turn())
          return done;
        if (inbox_.try_block())
          return awaiting_message;
        continue;
      }
      if (handled++ == max_throughput)
        return end_turn() ? resume_later : done;
      auto* element = std::exchange(batch_, static_cast<caf::mailbox_element*>(batch_->next));
      caf::mailbox_element_ptr owned{element};
      dispatch(*element);
    }
  } catch (...) {
    quit(caf::sec::runtime_error);
  }
  return end_turn() ? resume_later : done;
}

} // namespace actorbus
