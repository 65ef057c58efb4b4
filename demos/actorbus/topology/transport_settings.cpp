#include "topology/transport_settings.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include <fmt/format.h>

#include <actorbus/transports/address_list.hpp>

namespace actorbus::demos {

namespace {

using transports::listener_options;

constexpr std::string_view socket_file_keys[] = {"mode", "owner", "group"};
constexpr std::string_view tls_keys[] = {"cert",
                                         "key",
                                         "ca",
                                         "ca_path",
                                         "crl",
                                         "psk_file",
                                         "ciphers",
                                         "cipher_suites",
                                         "identity",
                                         "tls_version",
                                         "require_certificate"};
constexpr std::string_view web_keys[] = {"paths", "origins", "deflate"};
constexpr std::string_view proxy_keys[] = {"proxy_protocol", "proxy_identity"};
constexpr std::string_view trusted_key[] = {"trusted"};

bool is_any_of(std::string_view scheme, std::initializer_list<std::string_view> schemes) {
  return std::find(schemes.begin(), schemes.end(), scheme) != schemes.end();
}

/// Finds fault with keys that belong to other transports.
void refuse(settings_reader& from, std::span<const std::string_view> keys, std::string_view whose) {
  for (auto key : keys)
    if (from.has(key))
      from.wrong(key, fmt::format("is for {} only", whose));
}

void read_socket_file(settings_reader& from, transports::socket_file_options& into) {
  if (auto text = from.text("mode")) {
    into.mode = parse_mode(*text);
    if (!into.mode)
      from.wrong("mode", "must be permissions in octal digits, as in \"0660\"");
  }
  into.owner = from.text("owner").value_or("");
  into.group = from.text("group").value_or("");
}

void read_certificates(settings_reader& from, transports::tls_server_options& into) {
  auto chains = from.texts("cert").value_or(std::vector<std::string>{});
  auto keys = from.texts("key").value_or(std::vector<std::string>{});
  if (chains.size() != keys.size()) {
    from.wrong(fmt::format("{} certificates and {} keys: each needs the other", chains.size(),
                           keys.size()));
    return;
  }
  for (std::size_t i = 0; i < chains.size(); ++i)
    into.certificates.push_back({std::move(chains[i]), std::move(keys[i])});
}

void read_tls(settings_reader& from, transports::tls_server_options& into) {
  read_certificates(from, into);
  into.ca_file = from.text("ca").value_or("");
  into.ca_path = from.text("ca_path").value_or("");
  into.crl_file = from.text("crl").value_or("");
  into.psk_file = from.text("psk_file").value_or("");
  into.ciphers = from.text("ciphers").value_or("");
  into.cipher_suites = from.text("cipher_suites").value_or("");
  into.require_certificate = from.flag("require_certificate").value_or(false);
  if (auto version = from.text("tls_version")) {
    if (auto parsed = parse_tls_version(*version))
      into.version_min = *parsed;
    else
      from.wrong("tls_version", "must be \"1.2\" or \"1.3\"");
  }
  if (auto what = from.text("identity")) {
    into.whole_subject = *what == "subject";
    if (*what != "subject" && *what != "common_name")
      from.wrong("identity", "must be \"common_name\" or \"subject\"");
  }
  if (into.certificates.empty() && into.psk_file.empty() && !from.has("cert"))
    from.wrong("TLS needs \"cert\" and \"key\", or \"psk_file\"");
  if (into.require_certificate && !into.asks_for_certificates())
    from.wrong("require_certificate", "needs \"ca\", to check them with");
}

void read_trusted(settings_reader& from, listener_options& into) {
  auto trusted = from.texts("trusted").value_or(std::vector<std::string>{});
  if (auto parsed = transports::address_list::parse(trusted); !parsed)
    from.wrong("trusted", parsed.error());
  if (into.proxy.enabled && trusted.empty())
    from.wrong("proxy_protocol", "needs \"trusted\", the addresses of the proxies");
  into.proxy.trusted = trusted;
  into.web.trusted = std::move(trusted);
}

void read_web(settings_reader& from, transports::web_server_options& into) {
  into.paths = from.texts("paths").value_or(std::vector<std::string>{});
  into.origins = from.texts("origins").value_or(std::vector<std::string>{});
  into.deflate = from.flag("deflate").value_or(false);
  for (const auto& path : into.paths)
    if (!path.starts_with('/'))
      from.wrong("paths", fmt::format("\"{}\" must begin with /", path));
}

} // namespace

std::optional<transports::tls_version> parse_tls_version(std::string_view text) {
  if (text.starts_with("tlsv"))
    text.remove_prefix(4);
  if (text == "1.2")
    return transports::tls_version::v1_2;
  if (text == "1.3")
    return transports::tls_version::v1_3;
  return std::nullopt;
}

std::optional<std::uint32_t> parse_mode(std::string_view text) {
  if (text.starts_with("0o"))
    text.remove_prefix(2);
  std::uint32_t mode = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc{} || end != text.data() + text.size() || mode > 0777)
    return std::nullopt;
  return mode;
}

listener_options read_transport_options(settings_reader& from, std::string_view scheme) {
  listener_options result;
  if (scheme == "unix")
    read_socket_file(from, result.socket_file);
  else
    refuse(from, socket_file_keys, "Unix sockets");
  if (is_any_of(scheme, {"mqtts", "ssl", "wss"}))
    read_tls(from, result.tls);
  else
    refuse(from, tls_keys, "mqtts and wss");
  if (is_any_of(scheme, {"ws", "wss"}))
    read_web(from, result.web);
  else
    refuse(from, web_keys, "ws and wss");
  if (is_any_of(scheme, {"mqtt", "tcp", "mqtts", "ssl", "ws", "wss"})) {
    result.proxy.enabled = from.flag("proxy_protocol").value_or(false);
    result.proxy.subject_is_identity = from.flag("proxy_identity").value_or(false);
    read_trusted(from, result);
  } else {
    refuse(from, proxy_keys, "TCP and what lies over it");
    refuse(from, trusted_key, "TCP and what lies over it");
  }
  return result;
}

} // namespace actorbus::demos
