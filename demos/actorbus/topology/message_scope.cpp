#include "topology/message_scope.hpp"

#include <nlohmann/json.hpp>

#include <actorbus/actors/json_encoding.hpp>
#include <actorbus/actors/msgpack_encoding.hpp>
#include <actorbus/actors/typed_message.hpp>

#include "topology/text_template.hpp"

namespace actorbus::demos {

namespace {

// No text of JSON begins with such a byte, and all arrays and maps of MessagePack do.
bool begins_as_msgpack(std::string_view payload) noexcept {
  return !payload.empty() && static_cast<unsigned char>(payload.front()) >= 0x80;
}

} // namespace

std::shared_ptr<const nlohmann::json> read_document(std::string_view payload,
                                                    protocol::properties_view properties) {
  auto type = properties.text(protocol::property_id::content_type);
  auto is_msgpack =
      type ? may_be(msgpack_encoding::content_type, properties) : begins_as_msgpack(payload);
  if (!is_msgpack) {
    auto value = json_encoding{}.decode<nlohmann::json>(payload);
    return value ? std::make_shared<const nlohmann::json>(std::move(*value)) : nullptr;
  }
  if (!check_msgpack(payload, {}))
    return nullptr;
  auto value = nlohmann::json::from_msgpack(payload.begin(), payload.end(), true, false);
  if (value.is_discarded())
    return nullptr;
  return std::make_shared<const nlohmann::json>(std::move(value));
}

expression_names message_scope::names_with(std::string_view filter) noexcept {
  return {names, wildcards_in(filter)};
}

message_scope::message_scope(const incoming_message& message, std::string_view filter,
                             bool needs_fields) {
  values_[payload] = message.payload;
  values_[1] = message.topic;
  if (!filter.empty())
    captures_ = captures(filter, message.topic);
  if (needs_fields)
    document_ = read_document(message.payload, message.properties);
  documents_[payload] = document_.get();
}

expression_scope message_scope::with(std::uint64_t n, std::string_view time,
                                     std::string_view name) noexcept {
  values_[message_scope::n] = static_cast<std::int64_t>(n);
  values_[message_scope::time] = time;
  values_[4] = name;
  return {values_, documents_, captures_};
}

} // namespace actorbus::demos
