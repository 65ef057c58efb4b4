#pragma once

// The one door to CAF: everything that differs between 0.17 and 1.x stands in this file and in
// batch_actor.hpp.

#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/execution_unit.hpp>
#include <caf/exit_reason.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/system_messages.hpp>

#include <actorbus/actors/time_point.hpp>

/// Lets a struct of the global or a named namespace travel in a mailbox of this process.
#define ACTORBUS_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)

namespace actorbus {

static_assert(std::is_same_v<time_point, caf::actor_clock::time_point>);

/// Sends `message` without a sender, which saves two reference counts over CAF's `send`.
/// @param context where the caller runs, nullptr outside actors
template <class T>
void post(const caf::actor& receiver, T&& message, caf::execution_unit* context) {
  caf::actor_cast<caf::abstract_actor*>(receiver)->enqueue(
      caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::forward<T>(message)),
      context);
}

/// Calls `handler(message)` if `element` holds exactly one value of one of the types `Ts`. Messages
/// from `post` are told by one comparison of addresses each; others by CAF's look-up.
/// @returns whether there was one
template <class... Ts, class Handler>
bool match_message(caf::mailbox_element& element, Handler&& handler) {
  auto direct = [&]<class T>(std::type_identity<T>) {
    using holder = caf::mailbox_element_vals<T>;
    if (&typeid(element) != &typeid(holder))
      return false;
    handler(std::get<0>(static_cast<holder&>(element).data()));
    return true;
  };
  if ((direct(std::type_identity<Ts>{}) || ...))
    return true;
  auto& content = element.content();
  if (content.size() != 1)
    return false;
  auto general = [&]<class T>(std::type_identity<T>) {
    if (!content.match_element<T>(0))
      return false;
    handler(content.get_mutable_as<T>(0));
    return true;
  };
  return (general(std::type_identity<Ts>{}) || ...);
}

} // namespace actorbus
