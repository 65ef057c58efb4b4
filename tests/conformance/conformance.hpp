#pragma once

#include "support/channels.hpp"

#include <catch2/catch.hpp>

/// The fixtures of the conformance tests: a broker on each channel in turn, and clients that speak MQTT's verbs.
///
/// Verbs are for what a case needs on its way; what a case is about stands in it as bytes.
namespace actorbus::conformance {

/// The fields of a CONNECT that differ between cases.
struct opening {
  /// empty: a new one
  std::string id;
  /// Clean Start; before MQTT 5 Clean Session is this and no `expiry`
  bool clean = true;
  /// seconds the session outlives the connection; before MQTT 5 any number but 0 stands for "for ever"
  std::uint32_t expiry = 0;
  /// seconds; 0: no keep-alive
  std::uint16_t keep_alive = 0;
  /// more properties in the notation (MQTT 5)
  std::string properties;
  /// will properties, topic and payload in the notation, such as `~ s'topic' s'payload'`; empty: no will
  std::string will;
  int will_qos = 0;
  bool will_retain = false;
};

struct message {
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retain = false;
  /// in the notation (MQTT 5)
  std::string properties;
};

/// A connected client.
class client : public link {
public:
  client(std::unique_ptr<wire> w, version v, const opening& o);

  const std::string& id() const { return id_; }

  /// The CONNACK that welcomed this client.
  const packet& connack() const { return connack_; }

  bool session_present() const { return connack_.session_present; }

  /// Publishes and completes the acknowledgements.
  void publish(const message& m);

  /// Subscribes and waits for the SUBACK that grants the QoS asked for; retained messages that come before it can be
  /// received afterwards.
  /// @param options the byte after the filter: the QoS, and in MQTT 5 the subscription options
  void subscribe(const std::string& filter, int options = 0, const std::string& properties = "");

  void unsubscribe(const std::string& filter);

  /// Waits for a PUBLISH and completes its acknowledgements.
  packet receive_message();

  /// The same, where PUBRELs of earlier messages may lie between.
  packet receive_message_ahead();

  /// Waits for a PUBLISH, completes its acknowledgements, and checks the fields.
  packet expect_message(const message& m);

  /// Answers a PUBLISH with PUBACK, or with PUBREC and, after the PUBREL, PUBCOMP.
  void acknowledge(const packet& received);

  /// Sends DISCONNECT (normal) and waits for the close.
  void disconnect();

private:
  std::uint16_t next_packet_id() { return ++last_packet_id_; }

  std::string id_;
  packet connack_;
  /// far from the packet identifiers that the cases write by hand
  std::uint16_t last_packet_id_ = 0x6f00;
};

/// The CONNECT packet for these fields.
byte_vector connect_packet(version v, const opening& o);

/// The user properties of a packet as `name=value`, in their order.
std::vector<std::string> user_properties(const packet& p);

/// The broker on one channel; Catch2 runs the case once for each.
class on_every_channel {
public:
  on_every_channel();

  /// A connection over which nothing was sent yet.
  link dial(version v) { return {bus_->open_wire(), v}; }

  client connect(version v, opening o = {});

  /// Begins anew with a broker of these limits, for cases with the tag `[limits]`.
  void limit(const limits& bounds);

  /// A name that no other case and no other run uses: letters and digits, for topics and client identifiers.
  std::string unique(const std::string& stem = "t");

  /// Lets time pass, virtual or real.
  void let_pass(std::chrono::milliseconds time);

  bool carries_whole_packets_only() const { return bus_->carries_whole_packets_only(); }

  bool time_is_virtual() { return bus_->advance(std::chrono::milliseconds{0}); }

  const std::string& channel_name() const { return channel_.name; }

private:
  explicit on_every_channel(const bus_factory& channel);

  const bus_factory channel_;
  /// says in every failure where it happened
  Catch::ScopedMessage where_;
  std::shared_ptr<bus> bus_;
};

/// ... and once for each of the versions.
class in_every_version : public on_every_channel {
public:
  in_every_version();

  const version v;

  /// Whether a case that lets seconds pass leaves this version out. Where time is real they are spent on MQTT 5, and on
  /// 3.1.1 over TCP alone: the rules of time are the session's, whatever the channel.
  bool spares_seconds();

  link dial() { return on_every_channel::dial(v); }
  client connect(opening o = {}) { return on_every_channel::connect(v, std::move(o)); }

private:
  Catch::ScopedMessage which_;
};

class in_version_311 : public on_every_channel {
public:
  link dial() { return on_every_channel::dial(version::v311); }
  client connect(opening o = {}) { return on_every_channel::connect(version::v311, std::move(o)); }
};

class in_version_5 : public on_every_channel {
public:
  link dial() { return on_every_channel::dial(version::v5); }
  client connect(opening o = {}) { return on_every_channel::connect(version::v5, std::move(o)); }
};

} // namespace actorbus::conformance
