#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/route.hpp>
#include <actorbus/actors/routing_guard.hpp>
#include <actorbus/actors/subscription.hpp>

namespace actorbus {

/// The routing table: who gets which topic. The broker alone writes, every session reads, and
/// readers never wait: the subscription tree is published with atomic pointers, and what was
/// unlinked is freed when no reader can see it any more (liburcu). What a topic's look-up found is
/// cached per thread until a write that may concern the topic, so the usual cost of a PUBLISH is
/// one comparison or one hash.
class router {
public:
  /// @param seed unknown to clients, lest they choose topics that collide in hash tables; changes
  ///             nothing that can be observed
  explicit router(std::uint64_t seed = 0);
  ~router(); ///< @pre no reader is left
  router(const router&) = delete;
  router& operator=(const router&) = delete;

  enum class added { is_new, replaced };

  /// Adds a subscription, or replaces the options of the one that `to` has on the same filter
  /// [v5:MQTT-3.8.4-3]. Takes effect for every `find` that begins after the call. No Local means
  /// nothing in a shared subscription [v5:MQTT-3.8.3-4]. Writer only.
  /// @param to     its `id` is nobody else's; kept alive while it has subscriptions, and until no
  ///               reader can see it any more
  /// @param filter a valid topic filter, `$share/NAME/…` included
  added subscribe(const std::shared_ptr<subscriber>& to, std::string_view filter,
                  const subscription_options& options);

  /// Writer only. @returns false if there was none [v5:MQTT-3.10.4-1]
  bool unsubscribe(const subscriber& from, std::string_view filter);

  /// Removes all subscriptions of a session. Writer only. O(number of its subscriptions).
  void remove(const subscriber& from);

  /// Frees what was removed and is kept for readers yet. That happens now and then by itself; a
  /// writer that goes idle may ask for it. Waits for the guards that there are now; does nothing
  /// if the caller holds one. Writer only.
  void collect();

  /// Who gets messages to `topic`. Any thread; never waits.
  /// @pre the caller holds a `routing_guard` for as long as it uses the result
  /// @param topic a valid topic name
  /// @returns never null; stays valid until the thread's outermost guard ends. Within a guard
  ///          equal pointers mean equal topics, and a topic that is asked for again and again
  ///          yields the same pointer until a write, so that callers can tell runs by it
  const route* find(std::string_view topic) const;

  /// All subscriptions there are; and those of one session. Writer only.
  std::size_t size() const noexcept;
  std::size_t shared_size() const noexcept; ///< in shared groups
  std::size_t size(const subscriber& of) const noexcept;

  /// Some of a session's filters, in their order as texts. Writer only.
  std::vector<std::string> filters(const subscriber& of, std::size_t most) const;

  /// Whether somebody who is connected subscribes to exactly this filter. Writer only.
  bool is_heard(std::string_view filter) const;

private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

} // namespace actorbus
