#pragma once

#include <chrono>
#include <cstdint>

namespace actorbus::protocol {

/// How long a server waits for a client: one and a half times the keep-alive
/// [v5:MQTT-3.1.2-22, v3:MQTT-3.1.2-24]; zero for keep-alive 0, which never times out.
constexpr std::chrono::milliseconds keep_alive_timeout(std::uint16_t keep_alive_seconds) noexcept {
  return std::chrono::milliseconds{std::int64_t{keep_alive_seconds} * 1500};
}

/// Seconds left of an interval after `elapsed`, rounded so that a message never expires early:
/// a started second still counts as whole. 0 when it is over.
constexpr std::uint32_t remaining_seconds(std::uint32_t interval_seconds,
                                          std::chrono::milliseconds elapsed) noexcept {
  auto total = std::chrono::milliseconds{std::int64_t{interval_seconds} * 1000};
  if (elapsed >= total)
    return 0;
  return static_cast<std::uint32_t>((total - elapsed + std::chrono::milliseconds{999}).count() /
                                    1000);
}

} // namespace actorbus::protocol
