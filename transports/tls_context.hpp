#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/types.h>

#include <actorbus/protocol/expected.hpp>
#include <actorbus/transports/transport_options.hpp>

struct ssl_session_st; // SSL_SESSION, which openssl/types.h has not

namespace actorbus::transports {

struct free_tls {
  void operator()(SSL* what) const noexcept;
  void operator()(SSL_CTX* what) const noexcept;
  void operator()(ssl_session_st* what) const noexcept;
};

using ssl_ptr = std::unique_ptr<SSL, free_tls>;
using ssl_ctx_ptr = std::unique_ptr<SSL_CTX, free_tls>;
using ssl_session_ptr = std::unique_ptr<ssl_session_st, free_tls>;

/// One connection's TLS and what it needs for as long as it lives.
struct tls_connection {
  ssl_ptr ssl;
  std::shared_ptr<const void> keep; ///< the context that it was made from
};

/// Certificates, keys and rules of a TLS listener. Any thread.
class tls_server {
public:
  /// @param alpn protocols that clients may ask for; one that asks for others only is refused
  /// @returns what is wrong with the files, in one line that names the file
  static protocol::expected<std::shared_ptr<tls_server>, std::string>
  make(tls_server_options options, const std::vector<std::string>& alpn);

  /// Reads all files again. Connections from now on get what is in them, others keep what they
  /// have. @returns empty, or what is wrong: everything stays as it is then
  std::string reload();

  /// For a connection that was accepted. @throws std::bad_alloc
  tls_connection accept() const;

  bool whole_subject() const noexcept { return options_.whole_subject; }

private:
  struct files; ///< as they were read

  tls_server(tls_server_options options, const std::vector<std::string>& alpn);
  std::string load(files& into) const;
  std::string load_context(files& into, const tls_server_options::certificate* shown) const;

  tls_server_options options_;
  std::vector<std::uint8_t> alpn_; ///< as it stands in the handshake
  mutable std::mutex mutex_;
  std::shared_ptr<const files> current_;
};

/// Trust, certificate and last session of a TLS client that connects to one host, maybe often.
class tls_client : public std::enable_shared_from_this<tls_client> {
public:
  /// @param host whose certificate is accepted; a name or a number
  static protocol::expected<std::shared_ptr<tls_client>, std::string>
  make(const tls_client_options& options, std::string host, std::string_view alpn);

  /// For a socket that is connected; resumes the last session if it can.
  tls_connection connect();

private:
  tls_client() = default;

  std::string load(const tls_client_options& options, std::string_view alpn);
  void keep_session(ssl_session_st* session);

  static int on_new_session(SSL* ssl, ssl_session_st* session);
  static unsigned give_key(SSL* ssl, const char* hint, char* identity, unsigned identity_max,
                           unsigned char* key, unsigned key_max);

  ssl_ctx_ptr context_;
  std::string host_;
  std::string psk_identity_;
  std::vector<std::uint8_t> psk_;
  std::mutex mutex_;
  ssl_session_ptr session_;
};

/// The name of the pre-shared key that a server's connection was opened with; empty: none.
std::string psk_identity_of(const SSL& of);

} // namespace actorbus::transports
