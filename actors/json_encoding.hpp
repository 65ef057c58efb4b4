#pragma once

// Needs nlohmann's JSON library (Debian: nlohmann-json3-dev), which actorbus itself does not: for
// those who use it.

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <actorbus/actors/encoding.hpp>

namespace actorbus {

/// What `json_encoding` makes of a payload at most.
struct json_limits {
  std::size_t payload_bytes_max = 1024 * 1024; ///< larger ones are refused unread
  std::size_t depth_max = 32;                  ///< of arrays and objects inside each other
};

/// JSON, by nlohmann's library: the standard library's types, `nlohmann::json` itself, and every
/// type with `NLOHMANN_DEFINE_TYPE_INTRUSIVE` or `to_json` and `from_json` of its own.
struct json_encoding {
  static constexpr std::string_view content_type = "application/json";
  static constexpr bool is_text = true;

  json_limits limits{};

  /// @errors a string that is not UTF-8
  template <class T>
  or_fault<std::string> encode(const T& value) const {
    try {
      return nlohmann::json(value).dump();
    } catch (const std::exception& failure) {
      return protocol::unexpected{payload_fault{failure.what()}};
    }
  }

  /// @errors not JSON, cut short, bytes behind it, beyond a limit; a value of another type
  template <class T>
  or_fault<T> decode(std::string_view payload) const {
    if (payload.size() > limits.payload_bytes_max)
      return protocol::unexpected{payload_fault{"larger than allowed"}};
    auto too_deep = false;
    auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json&) {
      using enum nlohmann::json::parse_event_t;
      if ((event == object_start || event == array_start) &&
          static_cast<std::size_t>(depth) >= limits.depth_max)
        too_deep = true;
      return !too_deep; // what is refused is not kept
    };
    try {
      auto value = nlohmann::json::parse(payload.begin(), payload.end(), watch);
      if (too_deep)
        return protocol::unexpected{payload_fault{"nested deeper than allowed"}};
      return value.template get<T>();
    } catch (const std::exception& failure) {
      return protocol::unexpected{payload_fault{failure.what()}};
    }
  }
};

} // namespace actorbus
