#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace actorbus {

/// The authentication method's name in CONNECT and AUTH.
inline constexpr std::string_view scram_method = "SCRAM-SHA-256";

/// Rounds of hashing for new verifiers. More cost an attacker who has stolen the file as much as
/// whoever checks a password.
inline constexpr std::uint32_t scram_iterations_default = 20'000;

/// Fewer are too cheap for an attacker (RFC 7677, 4); more would let a server make its clients
/// work for minutes.
inline constexpr std::uint32_t scram_iterations_min = 4'096;
inline constexpr std::uint32_t scram_iterations_max = 10'000'000;

using sha256_digest = std::array<std::uint8_t, 32>;

/// What a server keeps of a password (RFC 5802, 3): enough to check it, in a plain CONNECT and in
/// a SCRAM exchange alike, and not enough to log in with.
struct scram_verifier {
  std::string salt; ///< bytes
  std::uint32_t iterations = 0;
  sha256_digest stored_key{};
  sha256_digest server_key{};

  bool operator==(const scram_verifier&) const = default;
};

/// Makes a verifier. Slow on purpose: some milliseconds per 10 000 iterations.
scram_verifier make_scram_verifier(std::string_view password, std::string_view salt,
                                   std::uint32_t iterations);

/// Whether `password` is the one that the verifier was made from. As slow as making one, and in
/// the same time whatever is wrong.
bool verify_password(const scram_verifier& verifier, std::string_view password);

/// "SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY", the last three in base64.
std::string to_string(const scram_verifier& verifier);

/// @returns nothing if `text` isn't of that form or its iterations are out of range
std::optional<scram_verifier> parse_scram_verifier(std::string_view text);

/// HMAC-SHA-256.
sha256_digest hmac_sha256(std::string_view key, std::string_view text);

/// `count` bytes that nobody can foretell. @throws std::runtime_error if there is no such source
std::string random_bytes(std::size_t count);

/// A nonce for one exchange: 18 printable characters, without ',', that nobody can foretell.
/// @throws std::runtime_error as `random_bytes`
std::string new_scram_nonce();

/// The server's part of one SCRAM-SHA-256 exchange (RFC 5802, 5), without channel binding.
class scram_server {
public:
  /// Takes the client's first message apart.
  /// @returns false if it is malformed or asks for what there isn't (channel binding, extensions)
  bool begin(std::string_view client_first);

  /// Who the client says it is. @pre `begin`
  const std::string& user() const noexcept { return user_; }

  /// The answer to it, with the salt of the user's verifier.
  /// @param nonce printable, without ','; new for each exchange
  std::string challenge(scram_verifier verifier, std::string_view nonce);

  /// Checks the client's proof.
  /// @returns the server's own, or nothing if the password is wrong or the message malformed
  std::optional<std::string> finish(std::string_view client_final) const;

private:
  std::string header_; ///< the client's word on channel binding
  std::string user_;
  std::string client_first_; ///< without the header
  std::string client_nonce_;
  std::string server_first_;
  std::string nonce_; ///< both
  scram_verifier verifier_;
};

/// The client's part of it.
class scram_client {
public:
  /// @param nonce printable, without ','; new for each exchange
  scram_client(std::string_view user, std::string password, std::string_view nonce);

  /// What goes out first, in CONNECT.
  std::string first() const { return "n,," + first_bare_; }

  /// The answer to the server's challenge.
  /// @returns nothing if the challenge is malformed, foreign, or of unreasonable iterations
  std::optional<std::string> answer(std::string_view server_first);

  /// Whether the server knew the password too. @pre `answer`
  bool verify(std::string_view server_final) const;

private:
  std::string password_;
  std::string nonce_;
  std::string first_bare_;
  sha256_digest server_signature_{};
};

} // namespace actorbus
