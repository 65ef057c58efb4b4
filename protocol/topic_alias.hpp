#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <actorbus/protocol/errc.hpp>

namespace actorbus::protocol {

/// The aliases that the peer defines, on the receiving side. They last as long as the network
/// connection [v5:MQTT-3.3.2-7].
class inbound_aliases {
public:
  /// @param maximum what this side announced as Topic Alias Maximum; 0: none are taken
  explicit inbound_aliases(std::uint16_t maximum = 0) noexcept : maximum_(maximum) {}

  /// Defines `alias` if `topic` is not empty, else looks it up.
  /// @param topic as received; on success the real topic, valid until the alias is redefined
  /// @returns errc::none, topic_alias_zero [v5:MQTT-3.3.2-8], topic_alias_above_maximum
  ///          [v5:MQTT-3.3.2-9], topic_alias_unknown
  errc resolve(std::uint16_t alias, std::string_view& topic);

private:
  // A map, not an array: memory follows the aliases in use rather than the highest number that
  // a peer thinks of, and a new alias leaves the views of the others valid.
  std::unordered_map<std::uint16_t, std::string> topics_;
  std::uint16_t maximum_;
};

/// The aliases that this side defines towards a peer that allows them. First come, first served:
/// once all are given away further topics go without.
class outbound_aliases {
public:
  explicit outbound_aliases(std::uint16_t maximum = 0) noexcept : maximum_(maximum) {}

  struct use {
    std::uint16_t alias = 0; ///< 0: send the topic without an alias
    bool is_new = false;     ///< send topic and alias; otherwise the alias alone
  };

  /// What to send for `topic`.
  use assign(std::string_view topic);

private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::unordered_map<std::string, std::uint16_t, hash, std::equal_to<>> aliases_;
  std::uint16_t maximum_;
};

} // namespace actorbus::protocol
