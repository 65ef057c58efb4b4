#pragma once

#include "probe.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace actorbus::bench {

/// How messages are sent.
enum class pace : std::uint8_t {
  lone, ///< the next one when the one before has arrived, and who waits for it sleeps
  busy, ///< the same, and who waits looks all the time: nobody has to be woken on that side
  full, ///< a number of them on their way at a time
};

/// One way from a publisher to its receivers.
class road {
public:
  virtual ~road() = default;

  /// Sends messages at that pace for so long, and waits until all have arrived.
  /// @returns how many
  virtual std::uint64_t run(pace how, std::uint64_t wall_ns) = 0;
};

/// How many are on their way at a time with `pace::full`.
std::size_t window_of(std::size_t payload_bytes);

/// A road whose publisher is the calling thread.
class threaded_road : public road {
public:
  threaded_road(probe& at, std::size_t payload_bytes) : at_{at}, payload_bytes_{payload_bytes} {}
  std::uint64_t run(pace how, std::uint64_t wall_ns) final;

protected:
  virtual void send() = 0;

  probe& at_;
  std::size_t payload_bytes_;
};

struct road_setup {
  probe& at;
  std::size_t payload_bytes;
  std::uint32_t receivers;
  int mosquitto_port; ///< 0: there is none
};

/// Makes a road. @returns nothing if it isn't there for this number of receivers, or not in this build
using road_maker = std::unique_ptr<road> (*)(const road_setup& setup);

std::unique_ptr<road> plain_face(const road_setup& setup);
std::unique_ptr<road> receiving_face(const road_setup& setup);
std::unique_ptr<road> actor_face(const road_setup& setup);
std::unique_ptr<road> coroutine_face(const road_setup& setup);
std::unique_ptr<road> caf_hops(const road_setup& setup);
std::unique_ptr<road> thread_queue(const road_setup& setup);
std::unique_ptr<road> mosquitto_by_paho(const road_setup& setup);

} // namespace actorbus::bench
