#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <actorbus/actors/client_authentication.hpp>
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

/// How a client comes back when its link was lost, or when there is nobody to connect to yet. It
/// waits `delay_min` before the first attempt and `growth` times as long before each further one.
/// Each delay is shortened by chance, so that clients that lost a broker together don't return
/// together.
struct reconnect_policy {
  std::chrono::milliseconds delay_min{500};
  std::chrono::milliseconds delay_max{30'000};
  double growth = 2;
  double jitter = 0.5;            ///< the part of a delay that is left to chance, 0 to 1
  std::uint32_t attempts_max = 0; ///< in a row, without a connection; 0: any number
};

/// What a publish does that finds the queue full (`client_options::queued_messages_max`,
/// `queued_bytes_max`). Whatever loses its place is told `quota_exceeded`.
enum class full_queue : std::uint8_t {
  refuse,                   ///< the new one fails: nothing that was accepted is ever lost
  drop_oldest,              ///< the oldest make room: for values of which the newest counts
  drop_oldest_at_most_once, ///< the oldest of QoS 0 make room; if there are none the new one fails
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
  /// Proves who the client is by questions and answers, MQTT 5.0 only, in place of or beside user
  /// name and password: see scram_authentication.hpp. Empty: nothing is asked or answered.
  authentication_method authentication{};
  std::optional<will_options> will;
  std::uint16_t receive_maximum = 65'535;  ///< QoS 1 and 2 messages that the broker may send ahead
  std::uint32_t packet_size_bytes_max = 0; ///< 0: any
  std::uint16_t topic_alias_maximum = 0;   ///< aliases that the broker may use
  protocol::property_list properties{};    ///< further ones for CONNECT
  std::chrono::milliseconds connect_timeout{10'000}; ///< of each attempt
  /// How long `disconnect` and the destructor of `client` wait for what was asked before to be sent
  /// and answered.
  std::chrono::milliseconds leave_timeout{5'000};
  std::size_t credit_bytes = 1024 * 1024; ///< what may be on its way before a publish waits

  /// Publishes that wait: for credit, for the broker's window, for a connection.
  std::size_t queued_messages_max = 100'000;
  std::size_t queued_bytes_max = 64 * 1024 * 1024; ///< of topics, payloads and properties
  full_queue when_full = full_queue::refuse;

  /// What may wait to be received by a client without handlers (`client::receive`). Above it QoS 0
  /// is dropped and counted, and the broker is kept from sending more of QoS 1 and 2.
  std::size_t inbox_messages_max = 10'000;
  std::size_t inbox_bytes_max = 16 * 1024 * 1024;

  /// How many times in a row the client goes where a broker sends it (Server Reference, with 0x9C
  /// and 0x9D) before it waits. 0: it doesn't, and ends or comes back as for any other reason. It
  /// takes its user name and password along, and never goes from TLS to a place without.
  std::uint32_t redirects_max = 0;

  /// Nothing: the client ends with its connection.
  std::optional<reconnect_policy> reconnect{};
  std::uint64_t seed = 0; ///< of the delays' chance; 0: one of the bus's, or a random one
};

/// One filter of a subscription.
struct subscribe_options {
  std::string filter;
  protocol::qos maximum_qos = protocol::qos::exactly_once;
  bool no_local = false;
  bool retain_as_published = false;
  protocol::retain_handling retain_handling{};
  /// Messages of QoS 1 and 2 stay unacknowledged until they are given back with `acknowledge`. The
  /// broker sends at most `client_options::receive_maximum` ahead.
  bool manual_acknowledgement = false;
};

} // namespace actorbus
