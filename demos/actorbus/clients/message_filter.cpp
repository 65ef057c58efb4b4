#include "clients/message_filter.hpp"

#include <algorithm>

#include <actorbus/protocol/topic.hpp>

#include "topology/random_source.hpp"

namespace actorbus::demos {

bool message_filter::take(const incoming_message& message) {
  if (has_enough_)
    return false;
  if (options_.retained_only && !message.retain) {
    has_enough_ = true;
    return false;
  }
  if (options_.no_retained && message.retain)
    return false;
  if (std::any_of(options_.without.begin(), options_.without.end(),
                  [&](const auto& filter) { return protocol::matches(filter, message.topic); }))
    return false;
  if (options_.percentage < 100) {
    random_source chance{random_++};
    if ((chance.symmetric() + 1) * 50 >= options_.percentage)
      return false;
  }
  has_enough_ = ++taken_ == options_.count;
  return true;
}

} // namespace actorbus::demos
