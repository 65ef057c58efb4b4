#pragma once

#include "qualities.hpp"

#include "support/describe.hpp"
#include "support/memory_client.hpp"

#include <actorbus/actors/session_state.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace actorbus::test {

/// How a client of `session_fixture` connects; what is 0 or empty is left out.
struct connect_fields {
  bool clean = true;
  std::uint16_t keep_alive = 0;
  std::uint32_t expiry = 0;
  std::uint16_t receive_maximum = 0;
  std::uint32_t packet_size_max = 0;
  std::uint16_t alias_maximum = 0;
  /// in the notation: will properties, topic and payload
  std::string will{};
};

/// A message as another session's batch brings it.
struct delivery {
  std::string topic = "t";
  std::string payload = "p";
  protocol::qos quality{};
  bool retain = false;
  std::string properties{}; ///< in the notation, without their length
  std::vector<std::uint32_t> identifiers{};
};

/// A session state whose host writes down what it is asked for, on a clock that the test sets. Speaks MQTT 5 unless
/// `version` is changed before `connect`.
class session_fixture : public session_host {
public:
  /// Attaches a connection. @returns the answer, in words
  std::string connect(const connect_fields& fields = {});

  /// What the session sent since the last call, in words. The client reads it at once while `reads`.
  std::string sent();

  /// Lets the client send packets in the notation. @returns what the session answered
  std::string receive(std::string_view text);

  /// Lets other sessions send it messages, as one batch. @returns what went to the client
  std::string deliver_all(const std::vector<delivery>& messages);
  std::string deliver(const delivery& message) { return deliver_all(std::vector{message}); }
  /// The same for many short ones: QoS and payloads `first` to `first + count - 1`.
  std::string deliver(protocol::qos quality, int first, int count);

  /// What the host was asked for since the last call, with "; " between: `route t 'p'`, `retain t 'p'`, `subscribe #1 a b`,
  /// `close 8d`, `will t 'p'`, `dropped 97`.
  std::string asked();

  void advance(std::chrono::milliseconds time) { time_ += time; }

  conformance::version version = conformance::version::v5;
  limits bounds;
  std::shared_ptr<outbound_meter> meter;
  std::shared_ptr<outbound_total> total = std::make_shared<outbound_total>();
  session_state state{*this, bounds, total};
  bool reads = true;
  bool anybody_subscribes = true;
  std::vector<subscribe_request> subscribe_requests;

protected:
  bool route(const protocol::publish& packet, const packet_run& where, bool defines_alias) override;
  void retain(message_ptr value) override;
  void subscribe(subscribe_request request) override;
  void unsubscribe(unsubscribe_request request) override;
  void close_channel(protocol::reason_code reason) override;
  void publish_will(const message& will, protocol::properties_view properties) override;
  void dropped(protocol::reason_code why) override;
  time_point now() const override { return time_; }

private:
  void note(std::string line);

  time_point time_{std::chrono::hours{1}};
  std::string asked_;
};

} // namespace actorbus::test
