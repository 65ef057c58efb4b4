#include <actorbus/transports/tls_error.hpp>

#include <string_view>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace actorbus::transports {

namespace {

// The first entry is where it began; those behind tell who called whom.
unsigned long first_error() noexcept {
  auto code = ERR_get_error();
  ERR_clear_error();
  return code;
}

std::string words(unsigned long code) {
  if (ERR_SYSTEM_ERROR(code)) {
    char text[256];
    ERR_error_string_n(code, text, sizeof text);
    std::string_view all{text};
    return std::string{all.substr(all.rfind(':') + 1)};
  }
  const auto* reason = ERR_reason_error_string(code);
  return reason ? reason : "unknown failure of TLS";
}

// "the client does so": the other side and what it does.
std::string about_peer(const SSL& of, std::string_view what) {
  std::string_view side = SSL_is_server(&of) != 0 ? "the client" : "the server";
  std::string text;
  text.reserve(side.size() + what.size() + 100);
  return text.append(side).append(what);
}

} // namespace

std::string take_tls_error() {
  return words(first_error());
}

std::string take_tls_error(const SSL& of) {
  auto code = first_error();
  if (code == 0 || ERR_GET_LIB(code) != ERR_LIB_SSL)
    return words(code);
  auto reason = ERR_GET_REASON(code);
  if (reason > SSL_AD_REASON_OFFSET) {
    auto alert = words(code); // "tlsv13 alert certificate required"
    auto at = alert.find(" alert ");
    return about_peer(of, " breaks off: ").append(at == alert.npos ? alert : alert.substr(at + 7));
  }
  switch (reason) {
  case SSL_R_CERTIFICATE_VERIFY_FAILED:
    return about_peer(of, "'s certificate is refused: ")
        .append(X509_verify_cert_error_string(SSL_get_verify_result(&of)));
  case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return "the client shows no certificate";
  case SSL_R_UNSUPPORTED_PROTOCOL:
  case SSL_R_NO_PROTOCOLS_AVAILABLE:
    return about_peer(of, " speaks only versions of TLS that are not allowed");
  case SSL_R_NO_SHARED_CIPHER:
    return "the client has no cipher, or key, that the server has as well";
  case SSL_R_NO_APPLICATION_PROTOCOL:
    return "the client asks for another protocol than MQTT (ALPN)";
  default: return words(code);
  }
}

} // namespace actorbus::transports
