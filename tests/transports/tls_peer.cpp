#include "tls_peer.hpp"

#include <openssl/err.h>

namespace actorbus::transports::testing {

namespace {

std::string last_error() {
  auto code = ERR_get_error();
  ERR_clear_error();
  const auto* text = ERR_reason_error_string(code);
  return text ? text : "connection lost";
}

} // namespace

tls_peer::tls_peer(peer_socket socket, const std::function<void(SSL_CTX*)>& adjust,
                   const std::function<void(SSL*)>& adjust_connection)
    : socket_{std::move(socket)}, context_{SSL_CTX_new(TLS_method()), SSL_CTX_free}, ssl_{nullptr, SSL_free} {
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_options(context_.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (adjust)
    adjust(context_.get());
  ssl_.reset(SSL_new(context_.get()));
  if (adjust_connection)
    adjust_connection(ssl_.get());
  SSL_set_fd(ssl_.get(), socket_.native());
}

tls_peer::~tls_peer() = default;

std::string tls_peer::handshake() {
  ERR_clear_error();
  return SSL_connect(ssl_.get()) == 1 ? "" : last_error();
}

std::string tls_peer::accept() {
  ERR_clear_error();
  return SSL_accept(ssl_.get()) == 1 ? "" : last_error();
}

void tls_peer::write(std::span<const std::uint8_t> what) {
  REQUIRE(SSL_write(ssl_.get(), what.data(), static_cast<int>(what.size())) == static_cast<int>(what.size()));
}

bytes tls_peer::read(std::size_t count) {
  bytes result(count);
  std::size_t have = 0;
  while (have < count) {
    std::size_t got = 0;
    REQUIRE(SSL_read_ex(ssl_.get(), result.data() + have, count - have, &got) == 1);
    have += got;
  }
  return result;
}

std::string tls_peer::read_end() {
  std::uint8_t block[4096];
  for (;;) {
    ERR_clear_error();
    std::size_t got = 0;
    if (SSL_read_ex(ssl_.get(), block, sizeof block, &got) == 1)
      continue;
    if (SSL_get_error(ssl_.get(), 0) == SSL_ERROR_ZERO_RETURN)
      return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0 ? "closed" : "cut";
    return last_error();
  }
}

void tls_peer::end() {
  SSL_shutdown(ssl_.get());
}

void tls_peer::close() {
  socket_.close();
}

} // namespace actorbus::transports::testing
