#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <actorbus/actors/subscription.hpp>

namespace actorbus {

/// One receiver of a topic: all of a session's matching subscriptions in one, so that a client
/// gets one copy at the highest QoS with all identifiers [v5:MQTT-3.3.4-2, MQTT-3.3.4-4].
struct receiver {
  subscriber* to = nullptr;
  protocol::qos maximum_qos{};
  bool retain_as_published = false; ///< one of the subscriptions wants it
  /// The same without the subscriptions that have No Local: what holds when the publisher is the
  /// receiver itself [v5:MQTT-3.8.3-3]. `local_match` false: it gets nothing then.
  bool local_match = false;
  protocol::qos local_maximum_qos{};
  bool local_retain_as_published = false;
  std::span<const std::uint32_t> identifiers;       ///< of the subscriptions, in no order
  std::span<const std::uint32_t> local_identifiers; ///< without those of No Local subscriptions
};

/// The members of one shared subscription: each message goes to one of them.
class shared_group {
public:
  /// @param its_id tells it from other groups; not 0
  /// @param turn   counts the messages given out; shared by all that hold this group, so that turns
  ///               go on from thread to thread and from look-up to look-up
  shared_group(std::uint32_t its_id, std::atomic<std::uint32_t>& turn) noexcept
      : id(its_id), turn_(&turn) {}
  shared_group(const shared_group&) = delete;
  shared_group& operator=(const shared_group&) = delete;

  /// Takes turns, and passes over members without a channel while another has one.
  /// @returns nullptr for a group without members
  const receiver* choose() const noexcept;

  const std::uint32_t id;
  std::vector<receiver> members;
  std::vector<std::uint32_t> identifiers; ///< what the members' spans point into

private:
  std::atomic<std::uint32_t>* turn_;
};

/// Who gets the messages of one topic. Doesn't change after it was built.
struct route {
  route() = default;
  route(const route&) = delete;
  route& operator=(const route&) = delete;

  bool empty() const noexcept { return receivers.empty() && groups.empty(); }

  std::vector<receiver> receivers;                   ///< by subscriber id, each once
  std::vector<std::unique_ptr<shared_group>> groups; ///< each has members
  std::vector<std::uint32_t> identifiers;            ///< what the receivers' spans point into
};

} // namespace actorbus
