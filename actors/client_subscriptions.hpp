#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <actorbus/actors/client_events.hpp>
#include <actorbus/actors/client_options.hpp>

namespace actorbus {

/// One SUBSCRIBE of a client that stands: its filters have one handler.
struct client_subscription {
  std::vector<subscribe_options> filters;
  protocol::property_list properties;
  message_handler handler;      ///< none: the client's own
  std::uint32_t identifier = 0; ///< MQTT 5.0; 0: none
  bool own_identifier = false;  ///< the application's, from `properties`
  bool manual_acknowledgement = false;
  bool stands = false; ///< the broker has granted some of it
};

using client_subscription_ptr = std::shared_ptr<client_subscription>;

/// What a client has subscribed, and who handles what comes.
///
/// A broker that finds overlapping subscriptions may send a message once for all of them or once
/// for each, and only MQTT 5.0's subscription identifiers tell which it has done. But a message with
/// identifiers differs for every receiver, and the others share the publisher's bytes. So a
/// subscription gets an identifier when it needs one: shared ones, those that overlap another one,
/// which then gets one as well, and wildcards beyond so many that looking them through would be slow.
/// What comes without identifiers is for all that match: one, or several of whom the broker did not
/// yet know that they need to be told apart.
///
/// Before MQTT 5.0, and with brokers that know no identifiers, every subscription that matches gets
/// each message that comes: once, if the broker sends it once.
class client_subscriptions {
public:
  /// Adds a subscription; filters that others had are taken from them.
  /// @param may_identify the broker knows subscription identifiers
  /// @returns those that now need an identifier and have to be sent again before it
  std::vector<client_subscription_ptr> add(const client_subscription_ptr& what, bool may_identify);

  /// @param only has an effect only if `filter` is this one's; nullptr: whoever's it is
  void remove(std::string_view filter, const client_subscription* only = nullptr);

  /// Looks for those that a message is for, each once.
  /// @returns valid until the next call of any function
  const std::vector<client_subscription*>& find(std::string_view topic,
                                                protocol::properties_view properties);

  /// All, in the order in which they were added.
  const std::vector<client_subscription_ptr>& all() const noexcept { return all_; }

private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  struct pattern {
    std::string filter;  ///< as it was subscribed
    std::string matched; ///< without the share name
    client_subscription* of = nullptr;
  };

  void give_identifier(client_subscription& to);

  std::vector<client_subscription_ptr> all_;
  std::unordered_map<std::string, client_subscription*, hash, std::equal_to<>> exact_;
  std::vector<pattern> patterns_; ///< with wildcards, or shared
  std::unordered_map<std::uint32_t, client_subscription*> by_identifier_;
  std::vector<client_subscription*> found_;
  std::uint32_t last_identifier_ = 0;
};

} // namespace actorbus
