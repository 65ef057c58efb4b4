#include "certificates.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdio.h>

namespace actorbus::test {

namespace {

constexpr long day = 24 * 60 * 60;

void must(bool done, const char* what) {
  if (!done)
    throw std::runtime_error{std::string{"certificates: "} + what};
}

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using file_ptr = std::unique_ptr<FILE, decltype(&fclose)>;

key_ptr new_key() {
  key_ptr result{EVP_EC_gen("P-256"), EVP_PKEY_free};
  must(result != nullptr, "no key");
  return result;
}

file_ptr open(const std::string& path) {
  file_ptr result{fopen(path.c_str(), "w"), fclose};
  must(result != nullptr, "a file cannot be written");
  return result;
}

void add_extension(X509* to, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  must(extension && X509_add_ext(to, extension, -1) == 1, "an extension is refused");
  X509_EXTENSION_free(extension);
}

void add_name(X509_NAME* to, const char* field, const std::string& value) {
  const auto* text = reinterpret_cast<const unsigned char*>(value.c_str());
  must(X509_NAME_add_entry_by_txt(to, field, MBSTRING_UTF8, text, -1, -1, 0) == 1, "a name is refused");
}

} // namespace

struct certificate_authority::keys {
  key_ptr key = new_key();
  certificate_ptr certificate{X509_new(), X509_free};
};

certificate_authority::certificate_authority(const std::string& name) : own_{std::make_unique<keys>()} {
  auto* own = own_->certificate.get();
  X509_set_version(own, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(own), serial_++);
  X509_gmtime_adj(X509_getm_notBefore(own), -10 * day);
  X509_gmtime_adj(X509_getm_notAfter(own), 10 * day);
  X509_set_pubkey(own, own_->key.get());
  add_name(X509_get_subject_name(own), "CN", name);
  X509_set_issuer_name(own, X509_get_subject_name(own));
  add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
  must(X509_sign(own, own_->key.get(), EVP_sha256()) != 0, "signing failed");
  must(PEM_write_X509(open(file()).get(), own) == 1, "a file cannot be written");
}

certificate_authority::~certificate_authority() = default;

void certificate_authority::issue(const std::string& name, const certificate_request& what,
                                  const std::string& passphrase) {
  const auto key = new_key();
  const certificate_ptr made{X509_new(), X509_free};
  auto* issuer = own_->certificate.get();
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial_++);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), what.valid_from * day);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), what.valid_to * day);
  X509_set_pubkey(made.get(), key.get());
  add_name(X509_get_subject_name(made.get()), "O", "home");
  add_name(X509_get_subject_name(made.get()), "CN", what.common_name);
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));
  if (!what.host.empty())
    add_extension(made.get(), issuer, NID_subject_alt_name,
                  what.host.find(':') == std::string::npos ? "DNS:" + what.host : what.host);
  must(X509_sign(made.get(), own_->key.get(), EVP_sha256()) != 0, "signing failed");
  must(PEM_write_X509(open(certificate(name)).get(), made.get()) == 1, "a file cannot be written");
  const auto* cipher = passphrase.empty() ? nullptr : EVP_aes_128_cbc();
  const auto* secret = reinterpret_cast<const unsigned char*>(passphrase.data());
  must(PEM_write_PrivateKey(open(this->key(name)).get(), key.get(), cipher, passphrase.empty() ? nullptr : secret,
                            static_cast<int>(passphrase.size()), nullptr, nullptr) == 1,
       "a file cannot be written");
}

void certificate_authority::revoke(const std::string& name, const std::string& of) {
  const file_ptr source{fopen(certificate(of).c_str(), "r"), fclose};
  must(source != nullptr, "no such certificate");
  const certificate_ptr gone{PEM_read_X509(source.get(), nullptr, nullptr, nullptr), X509_free};
  const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> list{X509_CRL_new(), X509_CRL_free};
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> now{X509_gmtime_adj(nullptr, 0), ASN1_TIME_free};
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> next{X509_gmtime_adj(nullptr, day), ASN1_TIME_free};
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(own_->certificate.get()));
  X509_CRL_set1_lastUpdate(list.get(), now.get());
  X509_CRL_set1_nextUpdate(list.get(), next.get());
  auto* entry = X509_REVOKED_new();
  X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(gone.get()));
  X509_REVOKED_set_revocationDate(entry, now.get());
  must(X509_CRL_add0_revoked(list.get(), entry) == 1, "no entry");
  must(X509_CRL_sign(list.get(), own_->key.get(), EVP_sha256()) != 0, "signing failed");
  must(PEM_write_X509_CRL(open(certificate(name)).get(), list.get()) == 1, "a file cannot be written");
}

} // namespace actorbus::test
