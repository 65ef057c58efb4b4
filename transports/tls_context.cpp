#include <actorbus/transports/tls_context.hpp>

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include <arpa/inet.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <actorbus/transports/tls_error.hpp>
#include <actorbus/transports/tls_files.hpp>

namespace actorbus::transports {

namespace {

using failure = protocol::unexpected<std::string>;

int number_of(tls_version version) noexcept {
  return version == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

// What connections of both sides have in common. Buffers are given back while nothing is on its
// way: an idle connection is the usual case.
ssl_ctx_ptr make_context(const SSL_METHOD* method, tls_version least) {
  ssl_ctx_ptr context{SSL_CTX_new(method)};
  if (!context)
    throw std::bad_alloc{};
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_min_proto_version(context.get(), number_of(least));
  return context;
}

ssl_ptr make_ssl(SSL_CTX* context) {
  ssl_ptr ssl{SSL_new(context)};
  if (!ssl)
    throw std::bad_alloc{};
  return ssl;
}

std::vector<std::uint8_t> alpn_list(const std::vector<std::string>& protocols) {
  std::vector<std::uint8_t> result;
  for (const auto& each : protocols) {
    result.push_back(static_cast<std::uint8_t>(each.size()));
    result.insert(result.end(), each.begin(), each.end());
  }
  return result;
}

bool is_number(const std::string& host) noexcept {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

void free_identity(void*, void* identity, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<std::string*>(identity);
}

/// Where a server's connection keeps the name of its pre-shared key.
int identity_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, free_identity);
  return index;
}

void remember_identity(SSL* ssl, const char* name) {
  delete static_cast<std::string*>(SSL_get_ex_data(ssl, identity_index()));
  SSL_set_ex_data(ssl, identity_index(), new std::string{name});
}

} // namespace

void free_tls::operator()(SSL* what) const noexcept {
  SSL_free(what);
}

void free_tls::operator()(SSL_CTX* what) const noexcept {
  SSL_CTX_free(what);
}

void free_tls::operator()(SSL_SESSION* what) const noexcept {
  SSL_SESSION_free(what);
}

// A client may name a key and then not use it: in 1.3 the server looks it up before it knows whether
// the cipher fits, and goes on with its certificate if it doesn't.
std::string psk_identity_of(const SSL& of) {
  const auto* name = static_cast<const std::string*>(SSL_get_ex_data(&of, identity_index()));
  if (!name)
    return {};
  if (SSL_version(&of) == TLS1_3_VERSION)
    return SSL_session_reused(&of) == 1 ? *name : std::string{};
  switch (SSL_CIPHER_get_kx_nid(SSL_get_current_cipher(&of))) {
  case NID_kx_psk:
  case NID_kx_rsa_psk:
  case NID_kx_dhe_psk:
  case NID_kx_ecdhe_psk: return *name;
  default: return {};
  }
}

// -- server ----------------------------------------------------------------------------------------

struct tls_server::files {
  std::vector<ssl_ctx_ptr> contexts; ///< one a certificate
  psk_table keys;
};

namespace {

/// Callbacks of OpenSSL's, while a client's first message is looked at.
template <class Files>
struct hello {
  // Takes the first certificate that is made out to the host that the client wants.
  static int choose_certificate(SSL* ssl, int*, void* from) {
    const auto* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (!name)
      return SSL_TLSEXT_ERR_OK;
    for (const auto& each : static_cast<const Files*>(from)->contexts) {
      auto* certificate = SSL_CTX_get0_certificate(each.get());
      if (certificate && X509_check_host(certificate, name, 0, 0, nullptr) == 1) {
        SSL_set_SSL_CTX(ssl, each.get());
        break;
      }
    }
    return SSL_TLSEXT_ERR_OK;
  }

  static int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                             const unsigned char* offered, unsigned offered_size, void* known) {
    const auto& ours = *static_cast<const std::vector<std::uint8_t>*>(known);
    auto* chosen = const_cast<unsigned char**>(out);
    auto found = SSL_select_next_proto(chosen, out_size, ours.data(),
                                       static_cast<unsigned>(ours.size()), offered, offered_size);
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
  }

  // @returns the key's size, 0: nobody of that name
  static unsigned find_key(SSL* ssl, const char* name, unsigned char* into, unsigned room) {
    const auto* from = static_cast<const Files*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    auto found = from->keys.find(std::string_view{name});
    if (found == from->keys.end() || found->second.size() > room)
      return 0;
    remember_identity(ssl, name);
    std::memcpy(into, found->second.data(), found->second.size());
    return static_cast<unsigned>(found->second.size());
  }
};

} // namespace

tls_server::tls_server(tls_server_options options, const std::vector<std::string>& alpn)
    : options_(std::move(options)), alpn_(alpn_list(alpn)) {}

protocol::expected<std::shared_ptr<tls_server>, std::string>
tls_server::make(tls_server_options options, const std::vector<std::string>& alpn) {
  if (options.certificates.empty() && options.psk_file.empty())
    return failure{"TLS needs a certificate and its key, or pre-shared keys"};
  if (options.require_certificate && !options.asks_for_certificates())
    return failure{"clients' certificates are required, but no authority (CA) to check them with"};
  std::shared_ptr<tls_server> result{new tls_server{std::move(options), alpn}};
  if (auto why = result->reload(); !why.empty())
    return failure{why};
  return result;
}

std::string tls_server::reload() {
  auto fresh = std::make_shared<files>();
  if (auto why = load(*fresh); !why.empty())
    return why;
  std::lock_guard guard{mutex_};
  current_ = std::move(fresh);
  return {};
}

std::string tls_server::load(files& into) const {
  if (!options_.psk_file.empty())
    if (auto why = load_psk_file(options_.psk_file, into.keys); !why.empty())
      return why;
  if (options_.certificates.empty())
    return load_context(into, nullptr);
  for (const auto& each : options_.certificates)
    if (auto why = load_context(into, &each); !why.empty())
      return why;
  return {};
}

std::string tls_server::load_context(files& into,
                                     const tls_server_options::certificate* shown) const {
  auto context = make_context(TLS_server_method(), options_.version_min);
  if (shown)
    if (auto why = load_certificate(*context, shown->chain_file, shown->key_file); !why.empty())
      return why;
  if (auto why = load_authorities(*context, options_.ca_file, options_.ca_path, options_.crl_file);
      !why.empty())
    return why;
  if (auto why = set_ciphers(*context, options_.ciphers, options_.cipher_suites); !why.empty())
    return why;
  if (options_.asks_for_certificates()) {
    SSL_CTX_set_verify(context.get(),
                       SSL_VERIFY_PEER |
                           (options_.require_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       nullptr);
    if (!options_.ca_file.empty()) // tells clients which of theirs to show
      SSL_CTX_set_client_CA_list(context.get(), SSL_load_client_CA_file(options_.ca_file.c_str()));
  }
  // Sessions are resumed by tickets, which cost the server no memory.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("actorbus"),
                                 8);
  SSL_CTX_set_num_tickets(context.get(), 1);
  SSL_CTX_set_dh_auto(context.get(), 1);
  SSL_CTX_set_app_data(context.get(), &into);
  SSL_CTX_set_tlsext_servername_callback(context.get(), hello<files>::choose_certificate);
  SSL_CTX_set_tlsext_servername_arg(context.get(), &into);
  SSL_CTX_set_alpn_select_cb(context.get(), hello<files>::choose_protocol,
                             const_cast<std::vector<std::uint8_t>*>(&alpn_));
  if (!into.keys.empty()) {
    SSL_CTX_set_psk_server_callback(context.get(), hello<files>::find_key);
    // A ticket would not tell whose key the session began with.
    SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context.get(), 0);
  }
  ERR_clear_error();
  into.contexts.push_back(std::move(context));
  return {};
}

tls_connection tls_server::accept() const {
  std::shared_ptr<const files> now;
  {
    std::lock_guard guard{mutex_};
    now = current_;
  }
  tls_connection result{make_ssl(now->contexts.front().get()), now};
  SSL_set_accept_state(result.ssl.get());
  return result;
}

// -- client ----------------------------------------------------------------------------------------

protocol::expected<std::shared_ptr<tls_client>, std::string>
tls_client::make(const tls_client_options& options, std::string host, std::string_view alpn) {
  std::shared_ptr<tls_client> result{new tls_client};
  result->host_ = std::move(host);
  if (auto why = result->load(options, alpn); !why.empty())
    return failure{why};
  return result;
}

std::string tls_client::load(const tls_client_options& options, std::string_view alpn) {
  context_ = make_context(TLS_client_method(), options.version.value_or(tls_version::v1_2));
  auto* context = context_.get();
  if (options.version)
    SSL_CTX_set_max_proto_version(context, number_of(*options.version));
  if (!options.chain_file.empty() || !options.key_file.empty())
    if (auto why = load_certificate(*context, options.chain_file, options.key_file); !why.empty())
      return why;
  if (auto why = load_authorities(*context, options.ca_file, options.ca_path, {}); !why.empty())
    return why;
  if (options.ca_file.empty() && options.ca_path.empty())
    SSL_CTX_set_default_verify_paths(context);
  if (auto why = set_ciphers(*context, options.ciphers, options.cipher_suites); !why.empty())
    return why;
  if (options.psk.empty() != options.psk_identity.empty())
    return "a pre-shared key needs both the key and its name";
  if (!options.psk.empty()) {
    psk_ = parse_hexadecimal(options.psk);
    if (psk_.empty())
      return "the pre-shared key must be an even number of hexadecimal digits";
    psk_identity_ = options.psk_identity;
    SSL_CTX_set_psk_client_callback(context, give_key);
  }
  SSL_CTX_set_verify(context, options.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, on_new_session);
  if (auto list = alpn_list({std::string{alpn}}); !alpn.empty())
    SSL_CTX_set_alpn_protos(context, list.data(), static_cast<unsigned>(list.size()));
  ERR_clear_error();
  return {};
}

tls_connection tls_client::connect() {
  tls_connection result{make_ssl(context_.get()), shared_from_this()};
  auto* ssl = result.ssl.get();
  SSL_set_app_data(ssl, this);
  if (is_number(host_)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host_.c_str());
  } else {
    SSL_set1_host(ssl, host_.c_str());
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set_tlsext_host_name(ssl, host_.c_str());
  }
  std::lock_guard guard{mutex_};
  if (session_) {
    SSL_set_session(ssl, session_.get());
    // A ticket of 1.3 is for one use: whoever listens could tell connections with the same one.
    if (SSL_SESSION_get_protocol_version(session_.get()) == TLS1_3_VERSION)
      session_.reset();
  }
  SSL_set_connect_state(ssl);
  return result;
}

void tls_client::keep_session(SSL_SESSION* session) {
  std::lock_guard guard{mutex_};
  session_.reset(session);
}

int tls_client::on_new_session(SSL* ssl, SSL_SESSION* session) {
  static_cast<tls_client*>(SSL_get_app_data(ssl))->keep_session(session);
  return 1; // it is ours now
}

unsigned tls_client::give_key(SSL* ssl, const char*, char* identity, unsigned identity_max,
                              unsigned char* key, unsigned key_max) {
  const auto& self = *static_cast<const tls_client*>(SSL_get_app_data(ssl));
  if (self.psk_identity_.size() >= identity_max || self.psk_.size() > key_max)
    return 0;
  std::memcpy(identity, self.psk_identity_.c_str(), self.psk_identity_.size() + 1);
  std::memcpy(key, self.psk_.data(), self.psk_.size());
  return static_cast<unsigned>(self.psk_.size());
}

} // namespace actorbus::transports
