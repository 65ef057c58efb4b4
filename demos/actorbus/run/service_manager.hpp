#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace actorbus::demos {

/// Tells the service manager that started the program, if one did, how it is doing: systemd's
/// notifications, one datagram each, to the socket in NOTIFY_SOCKET.
class service_manager {
public:
  /// Reads the environment and takes it away from children; before the first thread.
  service_manager();
  ~service_manager();
  service_manager(const service_manager&) = delete;
  service_manager& operator=(const service_manager&) = delete;

  void ready(const std::string& status) { tell("READY=1\nSTATUS=" + status); }
  void reloading();
  void stopping() { tell("STOPPING=1"); }
  void alive() { tell("WATCHDOG=1"); }

  /// How often `alive` is expected, with time to spare; nothing: never.
  std::optional<std::chrono::microseconds> watchdog_interval() const noexcept { return interval_; }

private:
  void tell(const std::string& state) noexcept;

  int socket_ = -1;
  std::string address_;
  std::optional<std::chrono::microseconds> interval_;
};

} // namespace actorbus::demos
