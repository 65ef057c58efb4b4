#include <actorbus/transports/tls_files.hpp>

#include <cerrno>
#include <fstream>
#include <system_error>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <unistd.h>

#include <actorbus/transports/hex_digit.hpp>
#include <actorbus/transports/tls_error.hpp>

namespace actorbus::transports {

namespace {

// OpenSSL's own words for a file that isn't there don't name it.
std::string unreadable(std::string_view what, const std::string& file) {
  if (::access(file.c_str(), R_OK) == 0)
    return {};
  return std::string{what} + ' ' + file + ": " + std::generic_category().message(errno);
}

std::string wrong(std::string_view what, const std::string& file, const std::string& why) {
  return std::string{what} + ' ' + file + ": " + why;
}

std::string wrong_pem(std::string_view what, const std::string& file) {
  auto code = ERR_peek_error();
  bool no_pem =
      (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE) ||
      (ERR_GET_LIB(code) == ERR_LIB_OSSL_DECODER && ERR_GET_REASON(code) == ERR_R_UNSUPPORTED);
  auto why = take_tls_error();
  return wrong(what, file, no_pem ? "nothing of that kind in it (PEM is needed)" : why);
}

int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

} // namespace

std::string load_certificate(SSL_CTX& into, const std::string& chain_file,
                             const std::string& key_file) {
  if (key_file.empty())
    return "certificate " + chain_file + ": its key is needed too";
  if (chain_file.empty())
    return "key " + key_file + ": its certificate is needed too";
  if (auto why = unreadable("certificate", chain_file); !why.empty())
    return why;
  if (auto why = unreadable("key", key_file); !why.empty())
    return why;
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(&into, chain_file.c_str()) != 1)
    return wrong_pem("certificate", chain_file);
  bool asked = false;
  SSL_CTX_set_default_passwd_cb(&into, no_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(&into, &asked);
  bool has_key = SSL_CTX_use_PrivateKey_file(&into, key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(&into, nullptr);
  SSL_CTX_set_default_passwd_cb(&into, nullptr);
  if (asked)
    return wrong("key", key_file,
                 "is protected by a passphrase, which nobody is there to type; "
                 "take it off: openssl pkey -in FILE -out NEW");
  if (has_key && SSL_CTX_check_private_key(&into) == 1)
    return {};
  auto code = ERR_peek_error();
  if (ERR_GET_LIB(code) == ERR_LIB_X509 && (ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH ||
                                            ERR_GET_REASON(code) == X509_R_KEY_TYPE_MISMATCH)) {
    ERR_clear_error();
    return wrong("key", key_file, "does not belong to the certificate " + chain_file);
  }
  return wrong_pem("key", key_file);
}

std::string load_authorities(SSL_CTX& into, const std::string& ca_file, const std::string& ca_path,
                             const std::string& crl_file) {
  ERR_clear_error();
  if (!ca_file.empty()) {
    if (auto why = unreadable("authority", ca_file); !why.empty())
      return why;
    if (SSL_CTX_load_verify_file(&into, ca_file.c_str()) != 1)
      return wrong_pem("authority", ca_file);
  }
  if (!ca_path.empty()) {
    if (auto why = unreadable("authorities", ca_path); !why.empty())
      return why;
    if (SSL_CTX_load_verify_dir(&into, ca_path.c_str()) != 1)
      return wrong_pem("authorities", ca_path);
  }
  if (crl_file.empty())
    return {};
  if (auto why = unreadable("revocation list", crl_file); !why.empty())
    return why;
  auto* store = SSL_CTX_get_cert_store(&into);
  auto* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
  if (!lookup || X509_load_crl_file(lookup, crl_file.c_str(), X509_FILETYPE_PEM) < 1)
    return wrong_pem("revocation list", crl_file);
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  return {};
}

std::string set_ciphers(SSL_CTX& into, const std::string& ciphers, const std::string& suites) {
  if (!ciphers.empty() && SSL_CTX_set_cipher_list(&into, ciphers.c_str()) != 1) {
    ERR_clear_error();
    return "ciphers \"" + ciphers + "\": there is none of that name";
  }
  if (!suites.empty() && SSL_CTX_set_ciphersuites(&into, suites.c_str()) != 1) {
    ERR_clear_error();
    return "cipher suites \"" + suites + "\": there is none of that name";
  }
  return {};
}

std::vector<std::uint8_t> parse_hexadecimal(std::string_view text) {
  std::vector<std::uint8_t> result;
  if (text.size() % 2 != 0)
    return {};
  for (std::size_t i = 0; i < text.size(); i += 2) {
    auto high = hex_digit(text[i]);
    auto low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0)
      return {};
    result.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return result;
}

std::string load_psk_file(const std::string& file, psk_table& into) {
  std::ifstream lines{file};
  if (!lines)
    return wrong("keys", file, std::generic_category().message(errno));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
      line.pop_back();
    if (line.empty() || line.front() == '#')
      continue;
    auto colon = line.rfind(':');
    auto key = colon == line.npos ? std::vector<std::uint8_t>{}
                                  : parse_hexadecimal(std::string_view{line}.substr(colon + 1));
    if (key.empty() || colon == 0)
      return wrong("keys", file + ':' + std::to_string(number),
                   "must be a name, a colon and an even number of hexadecimal digits");
    into.insert_or_assign(line.substr(0, colon), std::move(key));
  }
  return {};
}

} // namespace actorbus::transports
