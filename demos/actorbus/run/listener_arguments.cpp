#include "run/listener_arguments.hpp"

#include <CLI/CLI.hpp>

#include "topology/transport_settings.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

void add_listener_options(CLI::App& command, listener_arguments& into) {
  auto& options = into.options;
  auto& tls = options.tls;
  auto add = [&](const char* name, auto& where, const char* help) {
    return command.add_option(name, where, help)->group("Listeners of -l")->allow_extra_args(false);
  };
  auto add_flag = [&](const char* name, bool& where, const char* help) {
    command.add_flag(name, where, help)->group("Listeners of -l");
  };
  add("--cert", into.certificates,
      "certificate of mqtts and wss (PEM, with its chain); may be repeated: the one for the host "
      "that a client names is shown, else the first")
      ->type_name("FILE");
  add("--key", into.keys, "its key, without a passphrase; one for each --cert")->type_name("FILE");
  add("--cafile", tls.ca_file, "who signs clients' certificates")->type_name("FILE");
  add("--capath", tls.ca_path, "the same as a folder of hashed names")->type_name("DIR");
  add("--crl", tls.crl_file, "clients' certificates that hold no longer")->type_name("FILE");
  add_flag("--require-certificate", tls.require_certificate,
           "turn away clients without a certificate");
  add("--psk-file", tls.psk_file, "pre-shared keys, lines of NAME:KEY")->type_name("FILE");
  add("--tls-version", into.tls_version, "oldest version of TLS: 1.2 (default) or 1.3")
      ->type_name("VERSION");
  add("--ciphers", tls.ciphers, "ciphers of TLS 1.2, as OpenSSL names them");
  add("--origin", options.web.origins,
      "whose pages may open a WebSocket, e.g. https://a.test (default: all); may be repeated")
      ->type_name("ORIGIN");
  add_flag("--deflate", options.web.deflate,
           "pack what travels through WebSockets whose clients offer it (permessage-deflate)");
  add_flag("--proxy-protocol", options.proxy.enabled,
           "connections begin with the PROXY protocol's header");
  add("--trusted", options.proxy.trusted,
      "proxies that are believed, e.g. 10.0.0.0/8; may be repeated")
      ->type_name("ADDRESS");
  add("--mode", into.mode, "permissions of a Unix socket's file, e.g. 0660")->type_name("MODE");
}

transports::listener_options options_of(const listener_arguments& arguments) {
  auto result = arguments.options;
  const auto& chains = arguments.certificates;
  if (chains.size() != arguments.keys.size())
    throw user_error{"--cert and --key", "each needs the other"};
  for (std::size_t i = 0; i < chains.size(); ++i)
    result.tls.certificates.push_back({chains[i], arguments.keys[i]});
  if (!arguments.tls_version.empty()) {
    auto version = parse_tls_version(arguments.tls_version);
    if (!version)
      throw user_error{"--tls-version " + arguments.tls_version, "must be 1.2 or 1.3"};
    result.tls.version_min = *version;
  }
  if (!arguments.mode.empty()) {
    result.socket_file.mode = parse_mode(arguments.mode);
    if (!result.socket_file.mode)
      throw user_error{"--mode " + arguments.mode, "must be permissions in octal digits, as 0660"};
  }
  result.web.trusted = result.proxy.trusted;
  return result;
}

} // namespace actorbus::demos
