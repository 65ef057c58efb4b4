#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace actorbus {

/// What a bridge has done and how it is. Written by the bridge, read by anyone.
class bridge_status {
public:
  std::atomic<bool> connected{false};         ///< to the remote broker
  std::atomic<std::uint64_t> connections{0};  ///< to it so far
  std::atomic<std::uint64_t> sent{0};         ///< messages given to the remote broker
  std::atomic<std::uint64_t> received{0};     ///< messages given to the local bus
  std::atomic<std::uint64_t> acknowledged{0}; ///< QoS 1 and 2 that the remote broker has taken
  std::atomic<std::uint64_t> refused{0};      ///< that a broker took, but said no to
  std::atomic<std::uint64_t> dropped{0};      ///< by QoS 0 without a link, by size, by expiry
  std::atomic<std::uint64_t> looped{0};       ///< that had been where they were going
  std::atomic<std::uint64_t> queued{0};       ///< QoS 1 and 2 in the bridge, both ways

  /// The URL in use, or tried last.
  std::string address() const { return read(address_); }
  /// Why it is not connected, or was not last time; what a broker refused.
  std::string last_error() const { return read(last_error_); }

  void address(std::string url) { write(address_, std::move(url)); }
  void last_error(std::string why) { write(last_error_, std::move(why)); }

private:
  std::string read(const std::string& from) const {
    std::lock_guard lock{mutex_};
    return from;
  }
  void write(std::string& to, std::string value) {
    std::lock_guard lock{mutex_};
    to = std::move(value);
  }

  mutable std::mutex mutex_;
  std::string address_;
  std::string last_error_;
};

} // namespace actorbus
