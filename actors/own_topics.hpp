#pragma once

#include <string_view>

namespace actorbus {

/// Where the bus itself speaks: what topics begin with that clients may read and not write.
inline constexpr std::string_view own_topics = "$SYS/";

/// The exception: a client may say whether it is there, as mosquitto's bridges do in their will, and
/// would not come without it.
/// @returns whether `topic` is `$SYS/broker/connection/CLIENT-ID/state`
constexpr bool is_own_state(std::string_view topic, std::string_view client_id) noexcept {
  constexpr std::string_view front = "$SYS/broker/connection/";
  constexpr std::string_view back = "/state";
  return topic.size() == front.size() + client_id.size() + back.size() &&
         topic.starts_with(front) && topic.ends_with(back) &&
         topic.substr(front.size(), client_id.size()) == client_id;
}

} // namespace actorbus
