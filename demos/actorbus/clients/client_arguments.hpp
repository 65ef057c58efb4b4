#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <actorbus/actors/client_options.hpp>
#include <actorbus/transports/transport_options.hpp>

#include "clients/property_arguments.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace actorbus::demos {

/// The flags that all clients have in common, as mosquitto's clients taught everyone.
struct client_arguments {
  std::string host = "localhost";
  std::optional<std::uint16_t> port;
  std::string unix_socket;
  std::string url; ///< instead of the three; may hold user, password and topic
  transports::tls_client_options tls;
  std::string tls_version;
  std::vector<std::string> web_headers; ///< "Name: value"
  std::string client_id;
  std::string client_id_prefix;
  std::string user_name;
  std::optional<std::string> password;
  bool scram = false; ///< prove the password instead of sending it
  std::optional<protocol::protocol_version> version;
  std::uint16_t keep_alive_seconds = 60;
  std::optional<std::uint32_t> session_expiry_seconds;
  bool keep_session = false;
  int qos = 0;
  bool debug = false;
  bool quiet = false;
  std::string will_topic;
  std::string will_payload;
  int will_qos = 0;
  bool will_retain = false;
  std::vector<std::vector<std::string>> properties; ///< of -D: command, name, value(s)
};

/// Adds those that say where to connect, as whom and how.
void add_connection_options(CLI::App& command, client_arguments& into);

/// Adds all flags to a command.
void add_client_options(CLI::App& command, client_arguments& into);

/// What the flags come to.
struct client_plan {
  std::string url;   ///< without user, password and topic
  std::string topic; ///< from the URL; empty: it has none
  transports::connector_options transport;
  client_options client;
  packet_properties properties; ///< those of PUBLISH, SUBSCRIBE, DISCONNECT
  protocol::qos qos{};
};

/// @throws user_error where flags contradict each other or can't be
client_plan plan_of(const client_arguments& arguments);

/// Takes the topic off the end of a URL such as mqtt://host/a/b; other URLs stay as they are.
struct url_and_topic {
  std::string url;
  std::string topic;
};
url_and_topic split_topic(const std::string& url);

} // namespace actorbus::demos
