#pragma once

#include "link_packet.hpp"

#include <chrono>
#include <memory>

namespace actorbus::conformance {

/// How long a test waits for what must come. Reached only where a test fails.
constexpr std::chrono::milliseconds patience{5000};

/// What a channel provides to be tested: one connection to the broker as raw bytes. Destroying it closes it abruptly.
class wire {
public:
  struct arrival {
    byte_vector received;
    /// the broker closed the connection; nothing follows `received`
    bool closed = false;
  };

  virtual ~wire() = default;

  /// Errors are ignored: a broker that has closed is noticed by reading.
  virtual void write(std::span<const std::uint8_t> data) = 0;

  /// Waits until bytes arrive or the connection closes, at most `timeout`. With virtual time, "waits" means to run the
  /// actors until they are idle.
  virtual arrival read(std::chrono::milliseconds timeout) = 0;

  /// Closes without a DISCONNECT, as if the network had failed.
  virtual void close() = 0;
};

/// A broker under test, reached through one kind of channel.
class bus {
public:
  virtual ~bus() = default;

  virtual std::unique_ptr<wire> open_wire() = 0;

  /// Lets virtual time pass.
  /// @returns false where the channel has real time only
  virtual bool advance(std::chrono::milliseconds) { return false; }

  /// Whether the channel hands bytes on only when they make a whole packet, so that half of one is never seen.
  virtual bool carries_whole_packets_only() const { return false; }
};

/// One client's connection in the words of the tests. What arrives in the wrong shape fails the running test case with
/// both sides in hexadecimal.
class link {
public:
  link(std::unique_ptr<wire> w, version v) : wire_{std::move(w)}, version_{v} {}

  version protocol() const { return version_; }

  void send(const byte_vector& data) { wire_->write(data); }

  /// Sends what the notation says; `~` reads as this connection's version asks.
  template <class... Ts>
  void send(std::string_view text, const Ts&... arguments) {
    send(exact(parse_notation(notation(text, arguments...), version_)));
  }

  /// Waits for exactly these bytes.
  /// @returns the first packet among them, for the facts that `??` left open
  template <class... Ts>
  packet expect(std::string_view text, const Ts&... arguments) {
    return expect_bytes(parse_notation(notation(text, arguments...), version_));
  }

  packet expect_bytes(const byte_pattern& expected);

  /// Waits for the next packet, whatever it is.
  packet receive();
  packet receive(packet_type type);

  /// Waits for the next packet or for the broker to close, which is nothing.
  std::optional<packet> receive_or_end();

  /// Waits for the first packet of a type; packets before it stay to be received afterwards.
  packet receive_ahead(packet_type type);

  /// Waits for a PUBACK, PUBREC, PUBREL or PUBCOMP with that packet identifier and a reason code of success: MQTT 5
  /// lets the sender leave the reason code out, and 0x10 (no matching subscribers) is a success too.
  void expect_acknowledgement(packet_type type, std::uint16_t id);

  /// Waits for the broker to close, with nothing sent before.
  void expect_closed();

  /// Waits for the broker to end the connection: by DISCONNECT with one of these reason codes in MQTT 5, without a
  /// packet before. `reasons` empty: any reason of 0x80 or more, or none.
  void expect_ended(const std::vector<std::uint8_t>& reasons);

  /// Waits for the broker to end a connection attempt: by closing, in MQTT 5 possibly with a CONNACK before.
  /// @returns that CONNACK
  std::optional<packet> refused();

  /// Waits for a SUBSCRIBE with one filter to be turned down: by a SUBACK with a reason code of 0x80 or more, or by the
  /// end of the connection.
  void expect_not_granted();

  /// Sends PINGREQ and waits for PINGRESP: the connection lives, and all before it was handled.
  void ping();

  /// Closes without a DISCONNECT.
  void close() { wire_->close(); }

private:
  /// @returns false where nothing more came in time, or the broker closed
  bool more();
  std::optional<packet> first_packet() const;

  std::unique_ptr<wire> wire_;
  version version_;
  byte_vector input_;
  bool closed_ = false;
};

} // namespace actorbus::conformance
