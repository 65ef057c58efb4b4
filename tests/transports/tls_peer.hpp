#pragma once

#include "scripted.hpp"

#include <functional>
#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace actorbus::transports::testing {

/// A TLS peer that shares nothing with the product but OpenSSL: a blocking socket, verifying nothing.
class tls_peer {
public:
  /// @param adjust may change the context before the handshake
  explicit tls_peer(peer_socket socket, const std::function<void(SSL_CTX*)>& adjust = nullptr,
                    const std::function<void(SSL*)>& adjust_connection = nullptr);
  ~tls_peer();

  /// @returns empty, or what OpenSSL says
  std::string handshake();
  /// The same for a peer that accepts.
  std::string accept();

  void write(std::span<const std::uint8_t> what);
  bytes read(std::size_t count);
  /// Reads up to the end. @returns "closed" after close_notify, "cut" without, or the alert
  std::string read_end();
  /// close_notify
  void end();
  void close();

  SSL* ssl() { return ssl_.get(); }

private:
  peer_socket socket_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

} // namespace actorbus::transports::testing
