#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <actorbus/actors/client_events.hpp>

#include "expression/expression.hpp"

namespace actorbus::demos {

/// A payload as a document: MessagePack if it says so or begins as none but MessagePack does,
/// otherwise JSON.
/// @returns nullptr if it is neither, or larger or deeper than `json_limits` and `msgpack_limits`
std::shared_ptr<const nlohmann::json> read_document(std::string_view payload,
                                                    protocol::properties_view properties);

/// What rules about a message may name, and its values.
class message_scope {
public:
  /// The names; `payload` has fields.
  static constexpr std::array<std::string_view, 5> names{"payload", "topic", "n", "time", "name"};
  static constexpr std::size_t payload = 0;
  static constexpr std::size_t n = 2;
  static constexpr std::size_t time = 3;

  /// The names, and as many captures as `filter` has wildcards.
  static expression_names names_with(std::string_view filter) noexcept;

  /// @param message      outlives this
  /// @param filter       what its wildcards matched are the captures; empty: there are none
  /// @param needs_fields whether any rule asks for fields of the payload
  message_scope(const incoming_message& message, std::string_view filter, bool needs_fields);

  message_scope(const message_scope&) = delete;
  message_scope& operator=(const message_scope&) = delete;

  /// @param time, name outlive the scope
  expression_scope with(std::uint64_t n, std::string_view time, std::string_view name) noexcept;

private:
  std::array<expression_value, names.size()> values_;
  std::vector<std::string_view> captures_;
  std::shared_ptr<const nlohmann::json> document_;
  std::array<const nlohmann::json*, 1> documents_{};
};

} // namespace actorbus::demos
