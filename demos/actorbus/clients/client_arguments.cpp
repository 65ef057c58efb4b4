#include "clients/client_arguments.hpp"

#include <filesystem>
#include <map>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <actorbus/actors/scram_authentication.hpp>
#include <actorbus/protocol/topic.hpp>
#include <actorbus/transports/transport_table.hpp>

#include "topology/transport_settings.hpp"
#include "url_fault.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

namespace {

using protocol::protocol_version;

const std::map<std::string, protocol_version> versions{
    {"mqttv31", protocol_version::v3_1}, {"31", protocol_version::v3_1},
    {"3.1", protocol_version::v3_1},     {"mqttv311", protocol_version::v3_1_1},
    {"311", protocol_version::v3_1_1},   {"3.1.1", protocol_version::v3_1_1},
    {"mqttv5", protocol_version::v5},    {"5", protocol_version::v5},
};

void add_address_options(CLI::App& command, client_arguments& into) {
  command.add_option("-h,--host", into.host, "broker's name or address (default localhost)");
  command.add_option("-p,--port", into.port, "broker's port (default 1883, with TLS 8883)")
      ->check(CLI::Range(1, 65535));
  command.add_option("--unix", into.unix_socket, "connect through this Unix socket")
      ->type_name("PATH");
  command
      .add_option("-L,--url", into.url,
                  "broker, and topic, as SCHEME://[USER[:PASSWORD]@]HOST[:PORT][/TOPIC]")
      ->type_name("URL");
  command.add_option("-i,--id", into.client_id, "client identifier (default: the broker's choice)");
  command.add_option("-I,--id-prefix", into.client_id_prefix,
                     "client identifier: this and the process number");
  command.add_option("-u,--username", into.user_name, "user name");
  command.add_option("-P,--pw", into.password, "password");
  command
      .add_option_function<std::string>(
          "--auth",
          [&into](const std::string& text) {
            if (text != "password" && text != "scram-sha-256")
              throw user_error{"--auth " + text, "must be password or scram-sha-256"};
            into.scram = text == "scram-sha-256";
          },
          "password (default): send it; scram-sha-256: prove it (MQTT 5)")
      ->type_name("METHOD");
  command.add_option("-k,--keepalive", into.keep_alive_seconds,
                     "keep-alive, seconds (default 60, 0: none)");
  command.add_flag("-c,--disable-clean-session", into.keep_session,
                   "keep the session at the broker (needs -i)");
  command
      .add_option_function<std::string>(
          "-x,--session-expiry-interval",
          [&into](const std::string& text) {
            into.session_expiry_seconds =
                text == "-1" || text == "∞" ? 0xFFFF'FFFF
                : CLI::detail::lexical_cast(text, *(into.session_expiry_seconds = 0))
                    ? *into.session_expiry_seconds
                    : throw user_error{"-x " + text, "must be seconds, or -1 for ever"};
          },
          "seconds that the session outlives the connection, -1: for ever (MQTT 5)")
      ->type_name("S");
  command
      .add_option_function<std::string>(
          "-V,--protocol-version",
          [&into](const std::string& text) {
            auto found = versions.find(text);
            if (found == versions.end())
              throw user_error{"-V " + text, "must be mqttv31, mqttv311 or mqttv5"};
            into.version = found->second;
          },
          "mqttv31, mqttv311 (default) or mqttv5")
      ->type_name("VERSION");
  command
      .add_option("-D,--property", into.properties,
                  "MQTT 5 property: COMMAND NAME VALUE, e.g. publish content-type text/plain")
      ->type_name("COMMAND NAME VALUE")
      ->type_size(3, 4);
}

void add_will_options(CLI::App& command, client_arguments& into) {
  command.add_option("--will-topic", into.will_topic, "topic of the will");
  command.add_option("--will-payload", into.will_payload, "payload of the will (default empty)");
  command.add_option("--will-qos", into.will_qos, "quality of service of the will")
      ->check(CLI::Range(0, 2));
  command.add_flag("--will-retain", into.will_retain, "retain the will");
}

void add_tls_options(CLI::App& command, client_arguments& into) {
  auto& tls = into.tls;
  auto add = [&](const char* name, std::string& where, const char* help) {
    return command.add_option(name, where, help)->group("TLS");
  };
  add("--cafile", tls.ca_file, "who signs servers' certificates (PEM; default: the system's)")
      ->type_name("FILE");
  add("--capath", tls.ca_path, "the same as a folder of hashed names")->type_name("DIR");
  add("--cert", tls.chain_file, "the client's own certificate (PEM)")->type_name("FILE");
  add("--key", tls.key_file, "its key")->type_name("FILE");
  command
      .add_flag("--insecure", tls.insecure, "accept any server's certificate: for trying out only")
      ->group("TLS");
  add("--tls-version", into.tls_version, "tlsv1.2 or tlsv1.3 only (default: both)")
      ->type_name("VERSION");
  add("--ciphers", tls.ciphers, "ciphers of TLS 1.2, as OpenSSL names them");
  add("--tls-alpn", tls.alpn, "protocol to ask for (default mqtt)");
  add("--psk", tls.psk, "pre-shared key, in hexadecimal digits")->type_name("KEY");
  add("--psk-identity", tls.psk_identity, "the name of that key")->type_name("NAME");
  command
      .add_option("--ws-header", into.web_headers,
                  "sent when a WebSocket is opened, \"NAME: VALUE\"; may be repeated")
      ->allow_extra_args(false);
}

// Known to scripts, but of no use yet: better a word than a connection that isn't what was asked.
void add_refused_options(CLI::App& command) {
  for (const auto* name : {"-A", "--proxy"})
    command
        .add_option_function<std::string>(
            name,
            [name](const std::string&) {
              throw user_error{name, "not in this version"};
            },
            "not in this version")
        ->group("Not in this version");
}

bool wants_tls(const client_arguments& arguments) {
  const auto& tls = arguments.tls;
  return !tls.ca_file.empty() || !tls.ca_path.empty() || !tls.chain_file.empty() ||
         !tls.key_file.empty() || tls.insecure || !tls.psk.empty() || !tls.psk_identity.empty() ||
         !arguments.tls_version.empty() || !tls.ciphers.empty();
}

void set_transport(const client_arguments& arguments, client_plan& plan) {
  auto scheme = transports::scheme_of(plan.url);
  plan.transport.tls = arguments.tls;
  if (!arguments.tls_version.empty()) {
    plan.transport.tls.version = parse_tls_version(arguments.tls_version);
    if (!plan.transport.tls.version)
      throw user_error{"--tls-version " + arguments.tls_version, "must be tlsv1.2 or tlsv1.3"};
  }
  if (wants_tls(arguments) && scheme != "mqtts" && scheme != "ssl" && scheme != "wss")
    throw user_error{plan.url, "is no place for TLS, which --cafile and its like ask for; say "
                               "mqtts:// or wss://"};
  for (const auto& each : arguments.web_headers) {
    auto colon = each.find(':');
    if (colon == each.npos || colon == 0)
      throw user_error{"--ws-header " + each, "must be a name, a colon and a value"};
    auto value = each.find_first_not_of(' ', colon + 1);
    plan.transport.web.headers.emplace_back(each.substr(0, colon),
                                            value == each.npos ? "" : each.substr(value));
  }
}

std::string url_of(const client_arguments& arguments, client_plan& plan) {
  auto has_url = !arguments.url.empty();
  if (has_url && (arguments.port || !arguments.unix_socket.empty()))
    throw user_error{"-L " + arguments.url, "stands for itself, without -p and --unix"};
  if (has_url) {
    auto [url, topic] = split_topic(arguments.url);
    plan.topic = std::move(topic);
    return url;
  }
  if (!arguments.unix_socket.empty())
    return "unix://" + (arguments.unix_socket.front() == '@'
                            ? arguments.unix_socket
                            : std::filesystem::absolute(arguments.unix_socket).string());
  auto is_ipv6 = arguments.host.find(':') != std::string::npos && arguments.host.front() != '[';
  auto tls = wants_tls(arguments) || arguments.port == 8883;
  return (tls ? "mqtts://" : "mqtt://") + (is_ipv6 ? '[' + arguments.host + ']' : arguments.host) +
         ':' + std::to_string(arguments.port.value_or(tls ? 8883 : 1883));
}

void set_will(const client_arguments& arguments, client_options& client) {
  if (arguments.will_topic.empty()) {
    if (!arguments.will_payload.empty() || arguments.will_retain || arguments.will_qos != 0)
      throw user_error{"--will-payload, --will-qos, --will-retain", "need --will-topic"};
    return;
  }
  if (auto fault = protocol::check_topic_name(arguments.will_topic); fault != protocol::errc::none)
    throw user_error{"--will-topic " + arguments.will_topic,
                     std::string{protocol::to_string(fault)}};
  client.will = will_options{{arguments.will_topic,
                              arguments.will_payload,
                              static_cast<protocol::qos>(arguments.will_qos),
                              arguments.will_retain,
                              {}}};
}

} // namespace

void add_connection_options(CLI::App& command, client_arguments& into) {
  add_address_options(command, into);
  add_tls_options(command, into);
  add_refused_options(command);
}

void add_client_options(CLI::App& command, client_arguments& into) {
  add_connection_options(command, into);
  command.add_option("-q,--qos", into.qos, "quality of service, 0 (default), 1 or 2")
      ->check(CLI::Range(0, 2));
  add_will_options(command, into);
  command.add_flag("-d,--debug", into.debug, "say what happens");
  command.add_flag("--quiet", into.quiet, "don't say what goes wrong");
  command.add_flag_callback(
      "--nodelay", [] {}, "no effect: small writes are never delayed");
}

url_and_topic split_topic(const std::string& url) {
  transports::transport_table table;
  auto scheme = transports::scheme_of(url);
  const auto* found = table.find(scheme);
  if (!found || (found->form != transports::endpoint_form::host_port &&
                 found->form != transports::endpoint_form::name))
    return {url, {}};
  auto slash = url.find('/', scheme.size() + 3);
  if (slash == url.npos)
    return {url, {}};
  return {url.substr(0, slash), url.substr(slash + 1)};
}

client_plan plan_of(const client_arguments& arguments) {
  client_plan plan;
  plan.url = url_of(arguments, plan);
  plan.qos = static_cast<protocol::qos>(arguments.qos);
  if (auto why = url_fault(plan.url, url_use::connect); !why.empty())
    throw user_error{why};
  set_transport(arguments, plan);
  auto at = transports::transport_table{}.parse(plan.url);

  auto& client = plan.client;
  client.client_id = arguments.client_id;
  if (!arguments.client_id_prefix.empty())
    client.client_id = arguments.client_id_prefix + std::to_string(::getpid());
  if (!at->user.empty())
    client.user_name = at->user;
  client.password = at->password;
  if (!arguments.user_name.empty())
    client.user_name = arguments.user_name;
  if (arguments.password)
    client.password = arguments.password;

  auto wants_v5 = !arguments.properties.empty() || arguments.session_expiry_seconds.has_value() ||
                  arguments.scram;
  client.version =
      arguments.version.value_or(wants_v5 ? protocol_version::v5 : protocol_version::v3_1_1);
  if (wants_v5 && client.version != protocol_version::v5)
    throw user_error{"-D, -x and --auth scram-sha-256", "need -V mqttv5"};
  if (arguments.scram) {
    if (!client.user_name || !client.password)
      throw user_error{"--auth scram-sha-256", "needs -u and -P"};
    client.authentication = scram_authentication(*client.user_name, *client.password);
    client.user_name.reset();
    client.password.reset();
  }
  if (client.password && !client.user_name && client.version != protocol_version::v5)
    throw user_error{"-P", "needs -u before MQTT 5"};
  client.clean_start = !arguments.keep_session;
  if (arguments.keep_session && client.client_id.empty())
    throw user_error{"-c", "needs -i, the name that the session is kept under"};
  client.keep_alive_seconds = arguments.keep_alive_seconds;
  // 3.1 knows no empty identifiers.
  if (client.client_id.empty() && client.version == protocol_version::v3_1)
    client.client_id = "actorbus-" + std::to_string(::getpid());
  set_will(arguments, client);
  for (const auto& each : arguments.properties)
    add_property(each, plan.properties, client);
  if (arguments.keep_session && client.session_expiry_seconds == 0)
    client.session_expiry_seconds = 0xFFFF'FFFF;
  if (arguments.session_expiry_seconds)
    client.session_expiry_seconds = *arguments.session_expiry_seconds;
  if (client.version != protocol_version::v5)
    client.session_expiry_seconds = arguments.keep_session ? 0xFFFF'FFFF : 0;
  client.properties = std::move(plan.properties.connect);
  if (client.will)
    client.will->message.properties = std::move(plan.properties.will);
  return plan;
}

} // namespace actorbus::demos
