#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <actorbus/actors/buffer.hpp>
#include <actorbus/actors/caf.hpp>
#include <actorbus/actors/outbox.hpp>
#include <actorbus/actors/ring_queue.hpp>
#include <actorbus/protocol/errc.hpp>
#include <actorbus/protocol/frame.hpp>
#include <actorbus/protocol/outbound_window.hpp>

namespace actorbus {

/// Topic filters, each with the highest quality of service that is wanted.
using filter_list = std::vector<std::pair<std::string, protocol::qos>>;

/// How one end of a bridge connects to its broker.
struct bridge_end_options {
  std::string client_id;
  protocol::protocol_version version = protocol::protocol_version::v5;
  bool clean_session = false;
  bool bridge_bit = false; ///< before 5.0: this is a bridge
  std::uint32_t session_expiry_seconds = 0;
  std::uint16_t keep_alive_seconds = 0;
  std::uint16_t receive_maximum = 1'024;
  std::uint32_t packet_size_bytes_max = 0; ///< 0: any
  std::optional<std::string> user_name;
  std::optional<std::string> password;
  std::string will_topic;          ///< retained "0" when the end is lost; empty: no will
  std::string bus_name;            ///< the bus that the other end is on
  bool sends_exactly_once = true;  ///< messages of QoS 2 may be sent
  bool keeps_at_most_once = false; ///< QoS 0 waits for a link too, up to `receive_maximum`
  filter_list filters;             ///< to subscribe to
};

class bridge_end;

/// A message that an end's broker waits to be answered for.
struct bridge_debt {
  protocol::packet_id packet_id = 0; ///< 0: none, QoS 0
  protocol::qos quality{};
  std::uint32_t session = 0; ///< which of the end's sessions: an earlier one expects nothing
  protocol::protocol_version version = protocol::protocol_version::v5; ///< that it is encoded in
};

/// What an end of a bridge asks of the bridge.
class bridge_end_host {
public:
  virtual ~bridge_end_host() = default;

  /// The end's broker has answered CONNECT; with success the end is up.
  virtual void connected(bridge_end& end, protocol::reason_code code, std::string text) = 0;

  /// It has answered SUBSCRIBE: one code a filter.
  virtual void subscribed(bridge_end& end, const std::vector<std::string>& filters,
                          protocol::byte_view codes) = 0;

  /// A message came. It is answered once somebody calls `pay(debt)`.
  /// @param packet its views are valid as long as `source`
  /// @param source the packet alone
  virtual void arrived(bridge_end& end, protocol::publish& packet, const frame& source,
                       const bridge_debt& debt) = 0;

  /// The other end's message as it is for this one, made again from its source.
  /// @param received when it came, for its expiry
  /// @returns false if it is not to be sent (any more)
  virtual bool translate(bridge_end& to, const frame& source, const bridge_debt& debt,
                         time_point received, protocol::publish& packet) = 0;

  /// The end's broker has taken a message, or has refused it for good.
  virtual void settled(bridge_end& end, const bridge_debt& debt, protocol::reason_code code) = 0;

  /// A message for the end's broker was thrown away; success: it has expired, or is QoS 0 and
  /// there is no link.
  virtual void dropped(bridge_end& end, const bridge_debt& debt, protocol::reason_code why) = 0;

  virtual time_point now() const = 0;
};

/// One of a bridge's two clients as a plain state machine. Unlike a client of an application it
/// answers a message only when the other end's broker has it; keeps no message, but where it lies
/// in the frame that it came in; and writes what one frame brought into one frame.
class bridge_end {
public:
  /// @param host outlives the end
  bridge_end(bridge_end_host& host, bridge_end_options options);

  bridge_end_options& options() noexcept { return options_; }
  const bridge_end_options& options() const noexcept { return options_; }

  /// What the broker allows; defaults before CONNACK.
  struct allowance {
    std::uint32_t packet_size_bytes_max = protocol::packet_size_bytes_max;
    std::uint16_t receive_maximum = 65'535;
    protocol::qos maximum_qos = protocol::qos::exactly_once;
    bool retain = true;
    bool wildcards = true;
    bool shares = true;
    std::uint16_t keep_alive_seconds = 0;
    std::string bus_name; ///< empty: it has none
  };
  const allowance& allowed() const noexcept { return allowed_; }

  /// CONNECT, as the first packet of a new link.
  void connect();

  /// Handles the packets of one frame. After a fault `failure` is set.
  void receive(const frame& packets);

  /// Publishes a message of the other end, now or when there is room.
  /// @param packet `source` translated
  void publish(protocol::publish& packet, const frame& source, const bridge_debt& debt);

  /// Publishes a message of the bridge's own, QoS 0 and retained; nothing while it is down.
  void announce(std::string_view topic, std::string_view payload);

  /// The other end has a message of this end's broker: answers it.
  void pay(const bridge_debt& debt);

  /// Subscribes to these and to nothing else, now or once it is up.
  void want(filter_list filters);

  /// Sends what waits and may go.
  void pump();

  void ping();
  void disconnect();

  /// The link is gone. What was not answered waits for the next one.
  void lost();

  bool up() const noexcept { return up_; }
  /// Up, and subscribed.
  bool ready() const noexcept { return up_ && has_subscribed_; }
  protocol::protocol_version version() const noexcept { return options_.version; }
  /// Messages that wait or are on their way, at QoS 1 and 2.
  std::size_t pending() const noexcept { return waiting_.size() + window_.size(); }
  bool awaits_ping() const noexcept { return awaits_ping_; }

  bool congested = false;             ///< the broker takes nothing: QoS 0 is dropped
  std::optional<std::string> failure; ///< the link is to be closed, and why
  outbox to_broker;

private:
  struct item {
    frame source;
    bridge_debt debt;
    time_point received{};
    bool on_wire = false;
  };
  using window = protocol::outbound_window<item>;

  /// What became of a message of the broker that has an identifier.
  enum class debt_state : std::uint8_t { none, open, paid };
  using debts = std::array<debt_state, 65'536>;

  /// Whether the broker's session has a subscription.
  enum class hold : std::uint8_t { unsure, certain };

  void on(const protocol::connack& packet);
  void on(const protocol::puback& packet);
  void on(const protocol::pubrec& packet);
  void on(const protocol::pubrel& packet);
  void on(const protocol::pubcomp& packet);
  void on(const protocol::suback& packet);
  void on(const protocol::unsuback& packet);
  void on(const protocol::pingresp&);
  void on(const protocol::disconnect& packet);
  template <class Other>
  void on(const Other&);
  void on_publish(protocol::publish& packet, const frame& source);
  void read_allowance(const protocol::connack& packet);
  void subscribe();
  void unsubscribe();
  void begin_session(bool present);
  bool fits(protocol::publish& packet);
  void send(protocol::publish& packet, item what);
  void resend_one();
  void settle(window::slot& slot, protocol::reason_code code);
  void release_inherited();
  bool window_open() const noexcept;
  void fail(std::string why);
  debt_state& debt_of(protocol::packet_id id);

  bridge_end_host& host_;
  bridge_end_options options_;
  allowance allowed_;
  window window_;
  ring_queue<item> waiting_;
  ring_queue<protocol::packet_id> resend_;
  std::unique_ptr<debts> debts_;
  std::map<std::string, hold> held_; ///< by filter
  std::vector<std::string> asked_;   ///< filters of the request that is under way
  std::uint32_t session_ = 1;
  std::uint32_t on_wire_ = 0;
  unsigned releases_ = 0; ///< links on which it asked to release what is inherited
  bool up_ = false;
  bool has_subscribed_ = false; ///< in the broker's current session
  bool asks_ = false;           ///< SUBSCRIBE or UNSUBSCRIBE is under way
  bool has_session_ = false;    ///< knows what is under way in it
  bool inherits_ = false;       ///< it is an earlier life's, and not released yet
  bool resend_as_dup_ = true;
  bool awaits_ping_ = false;
};

} // namespace actorbus
