#include "channels.hpp"

#include <actorbus/transports/socket_address.hpp>

#include <stdexcept>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace actorbus::conformance {

namespace {

class socket_wire : public wire {
public:
  explicit socket_wire(int socket) : socket_{socket} {}
  socket_wire(const socket_wire&) = delete;
  socket_wire& operator=(const socket_wire&) = delete;
  ~socket_wire() override { close_socket(); }

  void write(std::span<const std::uint8_t> data) override {
    while (socket_ >= 0 && !data.empty()) {
      const auto sent = ::send(socket_, data.data(), data.size(), MSG_NOSIGNAL);
      if (sent <= 0)
        return;
      data = data.subspan(static_cast<std::size_t>(sent));
    }
  }

  arrival read(std::chrono::milliseconds timeout) override {
    if (socket_ < 0)
      return {{}, true};
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(timeout.count())) <= 0)
      return {};
    byte_vector buffer(65536);
    const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got <= 0)
      return {{}, true};
    buffer.resize(static_cast<std::size_t>(got));
    return {std::move(buffer), false};
  }

  void close() override { close_socket(); }

private:
  void close_socket() {
    if (socket_ >= 0)
      ::close(socket_);
    socket_ = -1;
  }

  int socket_;
};

} // namespace

int connect_socket(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
    throw std::runtime_error{"no address for " + host};
  const auto socket = ::socket(found->ai_family, found->ai_socktype, found->ai_protocol);
  const auto failed = socket < 0 || ::connect(socket, found->ai_addr, found->ai_addrlen) != 0;
  ::freeaddrinfo(found);
  if (failed) {
    if (socket >= 0)
      ::close(socket);
    throw std::runtime_error{"nobody listens at " + host + ":" + std::to_string(port)};
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

std::unique_ptr<wire> open_tcp_wire(const std::string& host, std::uint16_t port) {
  return std::make_unique<socket_wire>(connect_socket(host, port));
}

std::unique_ptr<wire> open_unix_wire(const std::string& path) {
  const auto address = transports::unix_address(path);
  const auto socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (socket < 0 || ::connect(socket, address->data(), address->size) != 0)
    throw std::runtime_error{"nobody listens at " + path};
  return std::make_unique<socket_wire>(socket);
}

} // namespace actorbus::conformance
