#include "channels.hpp"

#include <algorithm>
#include <stdexcept>

#include <openssl/ssl.h>

#include <poll.h>
#include <unistd.h>

namespace actorbus::conformance {

namespace {

/// TLS that trusts anybody: what is tested is MQTT.
class tls_wire : public wire {
public:
  explicit tls_wire(int socket)
      : socket_{socket},
        context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free},
        ssl_{SSL_new(context_.get()), SSL_free} {
    SSL_CTX_clear_mode(context_.get(), SSL_MODE_AUTO_RETRY);
    SSL_clear_mode(ssl_.get(), SSL_MODE_AUTO_RETRY);
    SSL_set_fd(ssl_.get(), socket_);
    if (SSL_connect(ssl_.get()) != 1) {
      ::close(socket_);
      throw std::runtime_error{"no handshake of TLS"};
    }
  }
  tls_wire(const tls_wire&) = delete;
  tls_wire& operator=(const tls_wire&) = delete;
  ~tls_wire() override { close_socket(); }

  void write(std::span<const std::uint8_t> data) override {
    if (socket_ >= 0 && !data.empty())
      SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size()));
  }

  arrival read(std::chrono::milliseconds timeout) override {
    if (socket_ < 0)
      return {{}, true};
    const auto until = std::chrono::steady_clock::now() + timeout;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      pollfd waiting{socket_, POLLIN, 0};
      if (SSL_pending(ssl_.get()) == 0 && ::poll(&waiting, 1, std::max(0, static_cast<int>(left.count()))) <= 0)
        return {};
      byte_vector buffer(65536);
      const auto got = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
      if (got > 0) {
        buffer.resize(static_cast<std::size_t>(got));
        return {std::move(buffer), false};
      }
      if (SSL_get_error(ssl_.get(), got) != SSL_ERROR_WANT_READ) // a ticket came, and no packet
        return {{}, true};
    }
  }

  void close() override { close_socket(); }

private:
  void close_socket() {
    if (socket_ >= 0)
      ::close(socket_);
    socket_ = -1;
  }

  int socket_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

} // namespace

std::unique_ptr<wire> open_tls_wire(const std::string& host, std::uint16_t port) {
  return std::make_unique<tls_wire>(connect_socket(host, port));
}

} // namespace actorbus::conformance
