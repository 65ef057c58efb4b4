#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include <actorbus/actors/bridge_demand.hpp>
#include <actorbus/actors/bridge_end.hpp>
#include <actorbus/actors/bridge_options.hpp>
#include <actorbus/actors/bridge_status.hpp>
#include <actorbus/actors/bridge_topics.hpp>

namespace actorbus {

/// What a bridge asks of its surroundings.
class bridge_host {
public:
  virtual ~bridge_host() = default;

  /// A broker has answered CONNECT.
  virtual void connected(bridge_end& end, protocol::reason_code code, const std::string& text) = 0;

  /// Something went wrong that doesn't end the connection.
  virtual void complained(const std::string& what) = 0;

  virtual time_point now() const = 0;
};

/// What a bridge does with messages, as a plain state machine: two ends, one at the local bus and
/// one at the remote broker, the map of topics between them, and the marks against loops.
class bridge_state final : private bridge_end_host {
public:
  /// @pre `check(options)` found nothing
  /// @param bus_name the local bus's, for trails
  bridge_state(bridge_host& host, const bridge_options& options, const std::string& bus_name,
               std::shared_ptr<bridge_status> status);

  bridge_end local;
  bridge_end remote;
  bridge_demand demand; ///< what the remote end is to subscribe to

  /// Messages that wait at this end, or are on their way there.
  std::size_t pending() const noexcept { return local.pending() + remote.pending(); }

private:
  /// What goes to one end.
  struct flow {
    bridge_topics topics;               ///< of the end where the messages come from
    std::string topic;                  ///< scratch: of the current message
    std::string response_topic;         ///< scratch
    std::string trail;                  ///< scratch
    protocol::property_list properties; ///< scratch
    protocol::property_list own_trail;  ///< of a message that has none yet
    std::atomic<std::uint64_t>* carried = nullptr;
  };

  // bridge_end_host
  void connected(bridge_end& end, protocol::reason_code code, std::string text) override;
  void subscribed(bridge_end& end, const std::vector<std::string>& filters,
                  protocol::byte_view codes) override;
  void arrived(bridge_end& end, protocol::publish& packet, const frame& source,
               const bridge_debt& debt) override;
  bool translate(bridge_end& to, const frame& source, const bridge_debt& debt, time_point received,
                 protocol::publish& packet) override;
  void settled(bridge_end& end, const bridge_debt& debt, protocol::reason_code code) override;
  void dropped(bridge_end& end, const bridge_debt& debt, protocol::reason_code why) override;
  time_point now() const override { return host_.now(); }

  bool map(bridge_end& to, protocol::publish& packet);
  bool extend_trail(bridge_end& to, flow& by, protocol::properties_view from);
  void rewrite_properties(bridge_end& to, flow& by, protocol::publish& packet);
  bridge_end& other(const bridge_end& end) noexcept { return &end == &local ? remote : local; }
  flow& flow_to(const bridge_end& end) noexcept { return &end == &local ? in_ : out_; }
  const std::string& name_of(const bridge_end& end) const;

  bridge_host& host_;
  const bridge_options& options_;
  std::string bus_name_;
  std::shared_ptr<bridge_status> status_;
  flow in_;  ///< to the local bus
  flow out_; ///< to the remote broker
};

} // namespace actorbus
