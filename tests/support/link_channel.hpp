#pragma once

#include "link.hpp"

#include <actorbus/transports/channel.hpp>

namespace actorbus::conformance {

/// A client at the other end of a user's channel, with no bus of its own: the test is the bus.
class channel_wire : public wire {
public:
  explicit channel_wire(std::unique_ptr<transports::channel> link);
  ~channel_wire() override { close(); }

  void write(std::span<const std::uint8_t> data) override;
  arrival read(std::chrono::milliseconds timeout) override;
  void close() override;

private:
  struct events;

  std::unique_ptr<transports::channel> link_;
  std::shared_ptr<events> events_;
};

} // namespace actorbus::conformance
