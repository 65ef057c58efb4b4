#include <actorbus/transports/tls_identity.hpp>

#include <optional>
#include <string>

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <actorbus/protocol/utf8.hpp>
#include <actorbus/transports/tls_context.hpp>

namespace actorbus::transports {

namespace {

std::shared_ptr<const peer_identity> identity(std::string name, std::string source) {
  if (name.empty() || name.find('\0') != name.npos ||
      protocol::check_utf8(name) != protocol::errc::none)
    return nullptr;
  return std::make_shared<const peer_identity>(peer_identity{std::move(name), std::move(source)});
}

// Of several common names the last one is the subject's own, those before it are what it is in.
std::string common_name(const X509_NAME* subject) {
  int at = -1;
  for (int next = -1; (next = X509_NAME_get_index_by_NID(subject, NID_commonName, next)) >= 0;)
    at = next;
  if (at < 0)
    return {};
  unsigned char* text = nullptr;
  auto size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0)
    return {};
  std::string result{reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
  OPENSSL_free(text);
  return result;
}

std::string distinguished_name(const X509_NAME* subject) {
  std::unique_ptr<BIO, int (*)(BIO*)> out{BIO_new(BIO_s_mem()), BIO_free};
  if (!out ||
      X509_NAME_print_ex(out.get(), subject, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
    return {};
  const char* text = nullptr;
  auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

} // namespace

std::shared_ptr<const peer_identity> identity_of(const SSL& of, bool whole_subject) {
  if (auto name = psk_identity_of(of); !name.empty())
    return identity(std::move(name), "psk");
  const auto* certificate = SSL_get0_peer_certificate(&of);
  if (!certificate || SSL_get_verify_result(&of) != X509_V_OK)
    return nullptr;
  const auto* subject = X509_get_subject_name(certificate);
  return identity(whole_subject ? distinguished_name(subject) : common_name(subject),
                  "certificate");
}

} // namespace actorbus::transports
