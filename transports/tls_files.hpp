#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/types.h>

#include <actorbus/transports/transport_options.hpp>

namespace actorbus::transports {

// Each returns empty, or what is wrong in one line that names the file.

/// Lets `into` show a certificate.
std::string load_certificate(SSL_CTX& into, const std::string& chain_file,
                             const std::string& key_file);

/// Lets `into` trust those who sign certificates.
/// @param crl_file certificates that hold no longer; empty: none
std::string load_authorities(SSL_CTX& into, const std::string& ca_file, const std::string& ca_path,
                             const std::string& crl_file);

/// @param suites of TLS 1.3; empty texts leave OpenSSL's default
std::string set_ciphers(SSL_CTX& into, const std::string& ciphers, const std::string& suites);

/// Keys by name.
using psk_table = std::map<std::string, std::vector<std::uint8_t>, std::less<>>;

/// Reads a file of lines `name:hexadecimal digits`; empty lines and those with # are skipped.
std::string load_psk_file(const std::string& file, psk_table& into);

/// "0a1B" as bytes. @returns empty for what is no such text
std::vector<std::uint8_t> parse_hexadecimal(std::string_view text);

} // namespace actorbus::transports
