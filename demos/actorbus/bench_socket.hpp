#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <netinet/in.h>

namespace actorbus::demos {

/// Owns a file descriptor.
class bench_fd {
public:
  bench_fd() = default;
  explicit bench_fd(int fd) noexcept : fd_(fd) {}
  bench_fd(bench_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  bench_fd& operator=(bench_fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~bench_fd();

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

private:
  int fd_ = -1;
};

/// Where a broker listens.
struct bench_address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string text; ///< as the user wrote it, for messages

  /// Resolves `url`: mqtt:// or tcp://, a name or address, [v6] in brackets, port 1883 if absent;
  /// or unix:// and a path.
  /// @throws std::runtime_error that names the URL and what is wrong with it
  static bench_address from_url(std::string_view url);
};

/// Starts to connect a non-blocking socket, one of TCP without Nagle's delay.
/// @param number of the connection: towards a loopback address the connections are spread over
///        127.0.0.1, 127.0.0.2, …, 8000 each, so that local ports do not run out
/// @throws std::runtime_error when it failed at once
bench_fd start_connect(const bench_address& address, std::uint32_t number);

/// Whether `fd`'s connect succeeded, once it is writable.
/// @throws std::runtime_error with the system's reason when it did not
void finish_connect(int fd, const bench_address& address);

/// Waits until `fd` is ready for `poll_events`.
/// @returns false after `timeout_ms`
bool wait_ready(int fd, short poll_events, int timeout_ms);

/// Lets the process open as many descriptors as the hard limit allows.
void raise_descriptor_limit() noexcept;

/// A line for the user that ends in the system's words for `errno`.
std::string system_failure(std::string_view what);

} // namespace actorbus::demos
