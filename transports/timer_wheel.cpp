#include <actorbus/transports/timer_wheel.hpp>

#include <algorithm>
#include <limits>

namespace actorbus::transports {

timer_wheel::timer_wheel() noexcept {
  for (auto& head : slots_)
    head.previous = head.next = &head;
}

bool timer_wheel::set(entry& what, time_point now, duration delay) noexcept {
  cancel(what);
  bool first = empty();
  if (first)
    current_ = now.time_since_epoch() / tick;
  // The tick at whose beginning the deadline has certainly passed.
  auto due = (now + delay).time_since_epoch() / tick + 1;
  what.due_ = std::max(due, current_ + 1);
  auto& head = slot(what.due_);
  what.previous = &head;
  what.next = head.next;
  head.next->previous = &what;
  head.next = &what;
  ++size_;
  if (!first && what.due_ >= next_)
    return false;
  next_ = what.due_;
  return true;
}

void timer_wheel::cancel(entry& what) noexcept {
  if (what.next)
    unlink(what);
}

void timer_wheel::unlink(entry& what) noexcept {
  what.previous->next = what.next;
  what.next->previous = what.previous;
  what.previous = what.next = nullptr;
  --size_;
}

std::optional<time_point> timer_wheel::next() const noexcept {
  if (empty())
    return std::nullopt;
  return time_point{next_ * tick};
}

void timer_wheel::advance(time_point now) {
  auto until = now.time_since_epoch() / tick;
  auto first = current_ + 1;
  auto last = std::min(until, current_ + slot_count);
  current_ = std::max(current_, until);
  for (auto index = first; index <= last && !empty(); ++index)
    run(slot(index), until, false);
  next_ = current_ + 1;
  while (!empty() && slot(next_).next == &slot(next_))
    ++next_;
}

void timer_wheel::hurry() {
  for (auto& head : slots_)
    run(head, std::numeric_limits<std::int64_t>::max(), true);
}

// Entries may set and cancel themselves and others while they are called, so what is due is moved
// to a list of its own first.
void timer_wheel::run(link& head, std::int64_t until, bool hurried) {
  link due;
  due.previous = due.next = &due;
  for (auto* at = head.next; at != &head;) {
    auto& what = static_cast<entry&>(*at);
    at = at->next;
    if (what.due_ > until)
      continue;
    unlink(what);
    ++size_;
    what.previous = due.previous;
    what.next = &due;
    due.previous->next = &what;
    due.previous = &what;
  }
  while (due.next != &due) {
    auto& what = static_cast<entry&>(*due.next);
    unlink(what);
    try {
      what.on_deadline(hurried);
    } catch (...) {
      // An owner answers for itself; the others in `due` must not be left hanging in a dead list.
    }
  }
}

} // namespace actorbus::transports
