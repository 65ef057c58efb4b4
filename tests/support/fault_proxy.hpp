#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

namespace actorbus::test {

/// What a proxy does to its connections.
struct network_faults {
  std::chrono::milliseconds delay{0}; ///< of every byte, both ways
  std::size_t bytes_per_second = 0;   ///< each way; 0: no limit
  bool stops_reading = false;         ///< both peers find their connection full
  /// After so many bytes more, both ways together, everything vanishes and nobody is told, on all connections that are
  /// open then and for good; -1: never. Not at the border of a packet, unless by chance.
  std::int64_t vanish_after = -1;
  /// After so many bytes more both sides get a reset; -1: never.
  std::int64_t cut_after = -1;
};

/// A TCP proxy on a port of its own in front of a broker on this machine, in a thread of its own.
class fault_proxy {
public:
  /// @param target_port at 127.0.0.1
  /// @throws std::system_error if there is no socket
  explicit fault_proxy(std::uint16_t target_port);
  ~fault_proxy();
  fault_proxy(const fault_proxy&) = delete;
  fault_proxy& operator=(const fault_proxy&) = delete;

  std::uint16_t port() const noexcept;

  /// Replaces what is done from now on; what has vanished stays so.
  void set(const network_faults& faults);

  /// Waits until `vanish_after` or `cut_after` has been reached.
  /// @returns false if that took longer than `patience`
  bool await_fault(std::chrono::milliseconds patience);

  /// Resets all connections.
  void cut();

  /// Connections so far, and bytes that came through.
  std::size_t connections() const noexcept;
  std::uint64_t bytes() const noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace actorbus::test
