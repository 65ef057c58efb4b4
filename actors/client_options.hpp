#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <actorbus/protocol/property.hpp>
#include <actorbus/protocol/types.hpp>

namespace actorbus {

/// A message as an application writes it.
struct outgoing_message {
  std::string topic;
  std::string payload; ///< any bytes
  protocol::qos qos{};
  bool retain = false;
  protocol::property_list properties{}; ///< MQTT 5.0 only; left out towards older brokers
};

/// The message that the broker publishes when the client is lost.
struct will_options {
  outgoing_message message;
  std::uint32_t delay_seconds = 0; ///< MQTT 5.0 only
};

/// How a client connects. The defaults suit a participant inside the program.
struct client_options {
  std::string client_id; ///< empty: the broker gives one
  protocol::protocol_version version = protocol::protocol_version::v5;
  bool clean_start = true;                  ///< "clean session" before 5.0
  std::uint32_t session_expiry_seconds = 0; ///< 5.0; 0: ends with the connection
  std::uint16_t keep_alive_seconds = 0;     ///< 0: never pings; inside a program there is no need
  std::optional<std::string> user_name;
  std::optional<std::string> password;
  std::optional<will_options> will;
  std::uint16_t receive_maximum = 65'535;  ///< QoS 1 and 2 messages that the broker may send ahead
  std::uint32_t packet_size_bytes_max = 0; ///< 0: any
  std::uint16_t topic_alias_maximum = 0;   ///< aliases that the broker may use
  protocol::property_list properties{};    ///< further ones for CONNECT
  std::chrono::milliseconds connect_timeout{10'000};
  std::size_t credit_bytes = 1024 * 1024;    ///< what may be on its way before a publish waits
  std::size_t queued_messages_max = 100'000; ///< publishes that wait for credit or window
};

/// One filter of a subscription.
struct subscribe_options {
  std::string filter;
  protocol::qos maximum_qos = protocol::qos::exactly_once;
  bool no_local = false;
  bool retain_as_published = false;
  protocol::retain_handling retain_handling{};
};

} // namespace actorbus
