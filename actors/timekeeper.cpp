#include <actorbus/actors/timekeeper.hpp>

namespace actorbus {

bool timekeeper::on_message(caf::mailbox_element& element) {
  return match_message<set_alarm, cancel_alarm, alarm>(element,
                                                       [this](auto& message) { on(message); });
}

void timekeeper::on(set_alarm& message) {
  auto owner = message.owner.id();
  forget(owner);
  by_owner_[owner] = alarms_.emplace(message.when, std::move(message.owner));
}

void timekeeper::on(cancel_alarm& message) {
  forget(message.owner);
}

// What is due is sent at the end of the batch. A wake-up for an alarm that was replaced by an
// earlier one says nothing about the next.
void timekeeper::on(alarm&) {
  if (now() >= scheduled_)
    scheduled_ = {};
}

void timekeeper::forget(caf::actor_id owner) {
  auto found = by_owner_.find(owner);
  if (found == by_owner_.end())
    return;
  alarms_.erase(found->second);
  by_owner_.erase(found);
}

void timekeeper::on_batch_end() {
  auto time = now();
  while (!alarms_.empty() && alarms_.begin()->first <= time) {
    auto owner = std::move(alarms_.begin()->second);
    alarms_.erase(alarms_.begin());
    by_owner_.erase(owner.id());
    post(owner, alarm{}, context());
  }
  if (alarms_.empty())
    return;
  auto next = alarms_.begin()->first;
  if (scheduled_ != time_point{} && scheduled_ <= next)
    return;
  scheduled_ = next;
  clock().schedule_message(next, caf::actor_cast<caf::strong_actor_ptr>(ctrl()),
                           caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, alarm{}));
}

// Whoever still waits is woken: it asks again, and learns that there is nobody to ask any more.
void timekeeper::on_exit() {
  for (const auto& [when, owner] : alarms_)
    post(owner, alarm{}, context());
  alarms_.clear();
  by_owner_.clear();
}

} // namespace actorbus
