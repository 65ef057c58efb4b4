#include "run/service_manager.hpp"

#include <charconv>
#include <cstdlib>
#include <ctime>

#include <sys/socket.h>
#include <unistd.h>

#include <actorbus/transports/socket_address.hpp>

namespace actorbus::demos {

namespace {

// Before the first thread, so nobody else looks at the environment.
std::string take_from_environment(const char* name) {
  const auto* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
  std::string result = value ? value : "";
  ::unsetenv(name); // NOLINT(concurrency-mt-unsafe)
  return result;
}

std::int64_t number_of(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

} // namespace

service_manager::service_manager() : address_(take_from_environment("NOTIFY_SOCKET")) {
  auto microseconds = number_of(take_from_environment("WATCHDOG_USEC"));
  auto whose = take_from_environment("WATCHDOG_PID");
  if (address_.empty())
    return;
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (microseconds > 0 && (whose.empty() || number_of(whose) == ::getpid()))
    interval_ = std::chrono::microseconds{microseconds / 2};
}

service_manager::~service_manager() {
  if (socket_ >= 0)
    ::close(socket_);
}

void service_manager::reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  tell("RELOADING=1\nMONOTONIC_USEC=" +
       std::to_string(std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000));
}

// Whoever doesn't listen misses it.
void service_manager::tell(const std::string& state) noexcept {
  auto to = transports::unix_address(address_);
  if (socket_ >= 0 && to)
    ::sendto(socket_, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT, to->data(),
             to->size);
}

} // namespace actorbus::demos
