#include <actorbus/transports/inherited_sockets.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace actorbus::transports {

namespace {

constexpr int first_descriptor = 3; // where the service manager puts them
constexpr int descriptors_max = 1024;

// @returns 0 for what is no number
int number_in_environment(const char* name) {
  const auto* text = std::getenv(name); // NOLINT(concurrency-mt-unsafe): before the first thread
  int value = 0;
  if (text)
    std::from_chars(text, text + std::strlen(text), value);
  return value;
}

bool is_wildcard(const socket_address& address) noexcept {
  if (address.family() == AF_INET)
    return reinterpret_cast<const sockaddr_in&>(address.storage).sin_addr.s_addr == INADDR_ANY;
  return address.family() == AF_INET6 &&
         IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr);
}

bool serves_both_families(int descriptor) noexcept {
  int only_v6 = 1;
  socklen_t size = sizeof only_v6;
  return ::getsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, &size) == 0 && only_v6 == 0;
}

} // namespace

inherited_sockets::inherited_sockets(const std::vector<int>& descriptors) {
  for (auto each : descriptors) {
    int on = 1;
    ::ioctl(each, FIONBIO, &on);
    ::fcntl(each, F_SETFD, FD_CLOEXEC);
    sockets_.push_back({each, local_address(each)});
  }
}

inherited_sockets inherited_sockets::from_environment() {
  auto count = std::clamp(number_in_environment("LISTEN_FDS"), 0, descriptors_max);
  std::vector<int> descriptors;
  if (number_in_environment("LISTEN_PID") == ::getpid())
    for (int i = 0; i < count; ++i)
      descriptors.push_back(first_descriptor + i);
  for (const auto* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
    ::unsetenv(name); // NOLINT(concurrency-mt-unsafe): before the first thread
  return inherited_sockets{descriptors};
}

inherited_sockets::~inherited_sockets() {
  for (const auto& each : sockets_)
    ::close(each.descriptor);
}

inherited_sockets::inherited_sockets(inherited_sockets&& other) noexcept
    : sockets_(std::exchange(other.sockets_, {})) {}

inherited_sockets& inherited_sockets::operator=(inherited_sockets&& other) noexcept {
  std::swap(sockets_, other.sockets_);
  return *this;
}

std::optional<int> inherited_sockets::take(const socket_address& address) {
  auto found = std::find_if(sockets_.begin(), sockets_.end(), [&](const inherited& each) {
    if (to_string(each.address) == to_string(address) && each.address.family() == address.family())
      return true;
    return address.family() == AF_INET && each.address.family() == AF_INET6 &&
           is_wildcard(address) && is_wildcard(each.address) &&
           each.address.port() == address.port() && serves_both_families(each.descriptor);
  });
  if (found == sockets_.end())
    return std::nullopt;
  auto descriptor = found->descriptor;
  sockets_.erase(found);
  return descriptor;
}

std::vector<std::string> inherited_sockets::left() const {
  std::vector<std::string> result;
  for (const auto& each : sockets_)
    result.push_back(to_string(each.address));
  return result;
}

} // namespace actorbus::transports
