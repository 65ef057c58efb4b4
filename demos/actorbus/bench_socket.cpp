#include "bench_socket.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <actorbus/transports/socket_address.hpp>
#include <actorbus/transports/system_failure.hpp>

namespace actorbus::demos {

namespace {

constexpr std::uint32_t connections_per_source = 8'000;
constexpr std::uint32_t sources_max = 250;

void bind_source(int fd, const bench_address& address, std::uint32_t number) {
  if (address.storage.ss_family != AF_INET)
    return;
  sockaddr_in to{};
  std::memcpy(&to, &address.storage, sizeof to);
  if (ntohl(to.sin_addr.s_addr) != INADDR_LOOPBACK)
    return;
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number / connections_per_source % sources_max);
  int on = 1; // without it the port is taken now, from one range for all destinations
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
    throw std::runtime_error(system_failure("bench: cannot bind a loopback address"));
}

bench_address local_address(std::string_view path, const std::string& url) {
  auto found = transports::unix_address(path);
  if (!found)
    throw std::runtime_error("bench: " + url + ": the path is too long");
  return {found->storage, found->size, url};
}

} // namespace

bench_fd::~bench_fd() {
  if (fd_ >= 0)
    ::close(fd_);
}

std::string system_failure(std::string_view what) {
  return std::string(what) + ": " + transports::last_error_text();
}

bench_address bench_address::from_url(std::string_view url) {
  auto complaint = "bench: " + std::string(url) + ": ";
  auto rest = url;
  auto colons = rest.find("://");
  auto scheme = rest.substr(0, colons);
  bool is_local = scheme == "unix";
  if (colons == std::string_view::npos || (!is_local && scheme != "mqtt" && scheme != "tcp"))
    throw std::runtime_error(complaint + "expected mqtt://HOST[:PORT] or unix:///PATH");
  rest.remove_prefix(colons + 3);
  if (is_local)
    return local_address(rest, std::string(url));
  rest = rest.substr(0, rest.find('/'));
  std::string host, port = "1883";
  auto bracket = rest.find(']');
  auto colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos)
    port = rest.substr(colon + 1);
  if (bracket != std::string_view::npos && rest.front() == '[')
    host = rest.substr(1, bracket - 1);
  else
    host = rest.substr(0, colon);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  int failed = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (failed != 0)
    throw std::runtime_error(complaint + gai_strerror(failed));
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  bench_address result;
  std::memcpy(&result.storage, found->ai_addr, found->ai_addrlen);
  result.size = found->ai_addrlen;
  result.text = url;
  return result;
}

bench_fd start_connect(const bench_address& address, std::uint32_t number) {
  bench_fd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd)
    throw std::runtime_error(system_failure("bench: cannot open a socket (see ulimit -n)"));
  int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  bind_source(fd.get(), address, number);
  auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(fd.get(), to, address.size) != 0 && errno != EINPROGRESS)
    throw std::runtime_error(system_failure("bench: cannot connect to " + address.text));
  return fd;
}

void finish_connect(int fd, const bench_address& address) {
  int failed = 0;
  socklen_t size = sizeof failed;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size);
  errno = failed;
  if (failed != 0)
    throw std::runtime_error(system_failure("bench: cannot connect to " + address.text));
}

bool wait_ready(int fd, short poll_events, int timeout_ms) {
  pollfd entry{fd, poll_events, 0};
  return ::poll(&entry, 1, timeout_ms) > 0;
}

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

} // namespace actorbus::demos
