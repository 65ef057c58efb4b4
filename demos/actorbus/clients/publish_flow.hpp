#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "clients/remote_client.hpp"

namespace actorbus::demos {

/// Publishes as fast as the client takes messages, and no faster: waits while too many are on
/// their way.
class publish_flow {
public:
  /// @param in_flight_max messages on their way at a time
  publish_flow(remote_client& remote, std::uint64_t in_flight_max);

  /// @throws exit_with if the connection is lost, a signal came or the broker refused a message
  void publish(outgoing_message message);

  /// Waits until all is published. @throws as `publish`
  void finish() { wait_until_at_most(0); }

private:
  static constexpr std::uint64_t bytes_max = 8 * 1024 * 1024;

  struct counts;

  void wait_until_at_most(std::uint64_t messages);
  void check() const;

  remote_client& remote_;
  std::uint64_t in_flight_max_;
  std::shared_ptr<counts> counts_;
};

} // namespace actorbus::demos
