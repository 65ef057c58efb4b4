#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace actorbus::transports {

/// Who may connect to a Unix socket that has a file.
struct socket_file_options {
  std::optional<std::uint32_t> mode; ///< permissions, 0660 and the like; nothing: as umask has it
  std::string owner;                 ///< a user's name; empty: who runs the program
  std::string group;                 ///< empty: the program's
};

enum class tls_version : std::uint8_t { v1_2, v1_3 };

/// How a listener speaks TLS. All files are PEM; they are read when the listener is opened, and
/// again by `listening::reload`.
struct tls_server_options {
  struct certificate {
    std::string chain_file; ///< the certificate, and those between it and the authority's
    std::string key_file;   ///< without a passphrase
  };

  std::vector<certificate> certificates; ///< the first one, unless the client names another's host
  std::string ca_file;                   ///< who signs clients' certificates
  std::string ca_path;                   ///< the same as a folder with OpenSSL's hashed names
  std::string crl_file;                  ///< clients' certificates that hold no longer
  bool require_certificate = false;      ///< of clients; otherwise they may show one
  bool whole_subject = false;            ///< the identity is "CN=anna,O=home", not "anna"
  std::string psk_file;                  ///< pre-shared keys: lines of `name:hexadecimal digits`
  tls_version version_min = tls_version::v1_2;
  std::string ciphers;       ///< of TLS 1.2, in OpenSSL's notation; empty: its default
  std::string cipher_suites; ///< of TLS 1.3

  bool asks_for_certificates() const { return !ca_file.empty() || !ca_path.empty(); }
};

/// How a client speaks TLS.
struct tls_client_options {
  std::string ca_file; ///< who signs servers' certificates; neither: whom the system trusts
  std::string ca_path;
  std::string chain_file; ///< the client's own certificate; empty: none
  std::string key_file;
  bool insecure = false;              ///< accept any certificate: for trying things out only
  std::string psk;                    ///< a pre-shared key in hexadecimal digits
  std::string psk_identity;           ///< its name
  std::optional<tls_version> version; ///< this one only; nothing: 1.2 and 1.3
  std::string ciphers;
  std::string cipher_suites;
  std::string alpn = "mqtt"; ///< the protocol to ask for; empty: none. WebSocket asks for its own
};

/// A page that a web listener shows beside MQTT.
struct web_page {
  std::string content_type = "text/plain; charset=utf-8";
  std::string body; ///< at most 1 MB
};

/// How a listener speaks WebSocket and HTTP.
struct web_server_options {
  std::vector<std::string> paths;   ///< where MQTT is; empty: at the URL's path
  std::vector<std::string> origins; ///< whose pages may connect, "https://a.test"; empty: all
  bool deflate = false;             ///< agrees to permessage-deflate, if a client offers it
  /// Proxies whose X-Forwarded-For is believed: addresses and networks, "10.0.0.0/8".
  std::vector<std::string> trusted;
  /// Pages by path; made anew for each request, on an I/O thread. `/health` is there already.
  std::map<std::string, std::function<web_page()>> pages;
};

/// How a client speaks WebSocket.
struct web_client_options {
  bool deflate = false;                                     ///< offers permessage-deflate
  std::vector<std::pair<std::string, std::string>> headers; ///< sent with the handshake
};

/// Whether connections begin with the PROXY protocol's header, which tells where a client really
/// came from.
struct proxy_options {
  bool enabled = false;
  std::vector<std::string> trusted; ///< whose header is believed; others are closed
  bool subject_is_identity = false; ///< the common name that the proxy verified is the identity
};

/// What a listener is told beyond its URL. What its transport has no use for is ignored.
struct listener_options {
  socket_file_options socket_file;
  tls_server_options tls;
  web_server_options web;
  proxy_options proxy;
};

/// What a connector is told beyond its URL.
struct connector_options {
  tls_client_options tls;
  web_client_options web;
};

} // namespace actorbus::transports
