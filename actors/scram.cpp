#include <actorbus/actors/scram.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <actorbus/actors/base64.hpp>

namespace actorbus {

namespace {

constexpr std::string_view hash_prefix = "SCRAM-SHA-256$";

std::string_view text_of(const sha256_digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::optional<sha256_digest> digest_from_base64(std::string_view text) {
  auto raw = from_base64(text);
  sha256_digest result;
  if (!raw || raw->size() != result.size())
    return std::nullopt;
  std::copy(raw->begin(), raw->end(), result.begin());
  return result;
}

std::optional<std::uint32_t> iterations_from(std::string_view text) {
  std::uint32_t value = 0;
  const auto* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < scram_iterations_min ||
      value > scram_iterations_max)
    return std::nullopt;
  return value;
}

sha256_digest sha256(const sha256_digest& data) {
  sha256_digest result;
  EVP_Digest(data.data(), data.size(), result.data(), nullptr, EVP_sha256(), nullptr);
  return result;
}

sha256_digest xor_of(const sha256_digest& a, const sha256_digest& b) noexcept {
  sha256_digest result;
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = static_cast<std::uint8_t>(a[i] ^ b[i]);
  return result;
}

bool is_same(const sha256_digest& a, const sha256_digest& b) noexcept {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// Hi() of RFC 5802, 2.2.
sha256_digest salted_password(std::string_view password, std::string_view salt,
                              std::uint32_t iterations) {
  sha256_digest result;
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), unsigned_bytes(salt),
                        static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(),
                        static_cast<int>(result.size()), result.data()) != 1)
    throw std::runtime_error{"SCRAM-SHA-256: OpenSSL can't derive keys"};
  return result;
}

/// The attributes of a message, `x=value` with commas between. Taken one after the other.
class attributes {
public:
  explicit attributes(std::string_view text) noexcept : rest_(text) {}

  /// The value of the next attribute, which must be `name`.
  std::optional<std::string_view> take(char name) noexcept {
    if (rest_.size() < 2 || rest_[0] != name || rest_[1] != '=')
      return std::nullopt;
    auto comma = std::min(rest_.find(','), rest_.size());
    auto value = rest_.substr(2, comma - 2);
    rest_.remove_prefix(std::min(comma + 1, rest_.size()));
    return value;
  }

  std::string_view rest() const noexcept { return rest_; }

private:
  std::string_view rest_;
};

// In a user name ',' and '=' are written "=2C" and "=3D".
std::optional<std::string> unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      result += text[i];
      continue;
    }
    auto code = text.substr(i, 3);
    if (code != "=2C" && code != "=3D")
      return std::nullopt;
    result += code == "=2C" ? ',' : '=';
    i += 2;
  }
  return result;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c == ',')
      result += "=2C";
    else if (c == '=')
      result += "=3D";
    else
      result += c;
  }
  return result;
}

} // namespace

sha256_digest hmac_sha256(std::string_view key, std::string_view text) {
  sha256_digest result;
  unsigned size = 0;
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), unsigned_bytes(text),
            text.size(), result.data(), &size))
    throw std::runtime_error{"SCRAM-SHA-256: OpenSSL has no HMAC"};
  return result;
}

std::string random_bytes(std::size_t count) {
  std::string result(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(result.data()), static_cast<int>(count)) != 1)
    throw std::runtime_error{"OpenSSL has no source of random numbers"};
  return result;
}

std::string new_scram_nonce() {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  auto nonce = random_bytes(18);
  for (auto& each : nonce)
    each = digits[static_cast<unsigned char>(each) % digits.size()];
  return nonce;
}

scram_verifier make_scram_verifier(std::string_view password, std::string_view salt,
                                   std::uint32_t iterations) {
  auto salted = salted_password(password, salt, iterations);
  return {std::string{salt}, iterations, sha256(hmac_sha256(text_of(salted), "Client Key")),
          hmac_sha256(text_of(salted), "Server Key")};
}

bool verify_password(const scram_verifier& verifier, std::string_view password) {
  auto made = make_scram_verifier(password, verifier.salt, verifier.iterations);
  return is_same(made.stored_key, verifier.stored_key);
}

std::string to_string(const scram_verifier& verifier) {
  return std::string{hash_prefix} + std::to_string(verifier.iterations) + ':' +
         to_base64(verifier.salt) + '$' + to_base64(text_of(verifier.stored_key)) + ':' +
         to_base64(text_of(verifier.server_key));
}

std::optional<scram_verifier> parse_scram_verifier(std::string_view text) {
  if (!text.starts_with(hash_prefix))
    return std::nullopt;
  text.remove_prefix(hash_prefix.size());
  auto colon = text.find(':');
  auto dollar = text.find('$');
  auto last = text.rfind(':');
  if (colon == text.npos || dollar == text.npos || colon > dollar || last < dollar)
    return std::nullopt;
  auto iterations = iterations_from(text.substr(0, colon));
  auto salt = from_base64(text.substr(colon + 1, dollar - colon - 1));
  auto stored = digest_from_base64(text.substr(dollar + 1, last - dollar - 1));
  auto server = digest_from_base64(text.substr(last + 1));
  if (!iterations || !salt || salt->empty() || !stored || !server)
    return std::nullopt;
  return scram_verifier{std::move(*salt), *iterations, *stored, *server};
}

bool scram_server::begin(std::string_view client_first) {
  // "n": no channel binding; "y": the client could, and believes that we can't. Both are so.
  if (!client_first.starts_with("n,") && !client_first.starts_with("y,"))
    return false;
  auto end = client_first.find(',', 2); // an identity to act for may stand between; we know none
  if (end != 2)
    return false;
  header_ = client_first.substr(0, end + 1);
  client_first_ = client_first.substr(end + 1);
  attributes fields{client_first_};
  auto user = fields.take('n');
  auto nonce = user ? fields.take('r') : std::nullopt;
  if (!nonce || nonce->empty())
    return false;
  client_nonce_ = *nonce;
  auto name = unescaped(*user);
  if (!name || name->empty())
    return false;
  user_ = std::move(*name);
  return true;
}

std::string scram_server::challenge(scram_verifier verifier, std::string_view nonce) {
  verifier_ = std::move(verifier);
  nonce_ = client_nonce_ + std::string{nonce};
  server_first_ = "r=" + nonce_ + ",s=" + to_base64(verifier_.salt) +
                  ",i=" + std::to_string(verifier_.iterations);
  return server_first_;
}

std::optional<std::string> scram_server::finish(std::string_view client_final) const {
  auto at = client_final.rfind(",p=");
  if (at == client_final.npos)
    return std::nullopt;
  auto without_proof = client_final.substr(0, at);
  attributes fields{without_proof};
  auto binding = fields.take('c');
  auto nonce = binding ? fields.take('r') : std::nullopt;
  auto proof = digest_from_base64(client_final.substr(at + 3));
  if (!nonce || !proof || *binding != to_base64(header_) || *nonce != nonce_)
    return std::nullopt;
  auto signed_text = client_first_ + ',' + server_first_ + ',' + std::string{without_proof};
  auto client_signature = hmac_sha256(text_of(verifier_.stored_key), signed_text);
  if (!is_same(sha256(xor_of(*proof, client_signature)), verifier_.stored_key))
    return std::nullopt;
  return "v=" + to_base64(text_of(hmac_sha256(text_of(verifier_.server_key), signed_text)));
}

scram_client::scram_client(std::string_view user, std::string password, std::string_view nonce)
    : password_(std::move(password)),
      nonce_(nonce),
      first_bare_("n=" + escaped(user) + ",r=" + nonce_) {}

std::optional<std::string> scram_client::answer(std::string_view server_first) {
  attributes fields{server_first};
  auto nonce = fields.take('r');
  auto salt_text = nonce ? fields.take('s') : std::nullopt;
  auto iterations_text = salt_text ? fields.take('i') : std::nullopt;
  if (!iterations_text || !nonce->starts_with(nonce_) || nonce->size() == nonce_.size())
    return std::nullopt;
  auto salt = from_base64(*salt_text);
  auto iterations = iterations_from(*iterations_text);
  if (!salt || !iterations)
    return std::nullopt;
  auto salted = salted_password(password_, *salt, *iterations);
  auto client_key = hmac_sha256(text_of(salted), "Client Key");
  auto without_proof = "c=" + to_base64("n,,") + ",r=" + std::string{*nonce};
  auto signed_text = first_bare_ + ',' + std::string{server_first} + ',' + without_proof;
  auto signature = hmac_sha256(text_of(sha256(client_key)), signed_text);
  server_signature_ = hmac_sha256(text_of(hmac_sha256(text_of(salted), "Server Key")), signed_text);
  return without_proof + ",p=" + to_base64(text_of(xor_of(client_key, signature)));
}

bool scram_client::verify(std::string_view server_final) const {
  if (!server_final.starts_with("v="))
    return false;
  auto signature = digest_from_base64(server_final.substr(2));
  return signature && is_same(*signature, server_signature_);
}

} // namespace actorbus
