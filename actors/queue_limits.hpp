#pragma once

#include <cstddef>
#include <cstdint>

namespace actorbus {

/// What becomes of QoS 1 and 2 messages for a session whose queue is full.
enum class queue_overflow : std::uint8_t {
  drop_newest,
  drop_oldest,
  /// Publishers wait: what comes is kept as it came, charged to who sent it.
  push_back,
};

/// How much may wait for one session.
struct queue_limits {
  std::size_t messages_max = 10'000;
  std::size_t bytes_max = 16 * 1024 * 1024;
  queue_overflow overflow = queue_overflow::drop_newest;
};

} // namespace actorbus
